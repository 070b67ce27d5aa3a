from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fthg import cli
from fthg.program import program

WRONG = """\
jobs:
  a: {url: http://h/, files: in, rate: often, password: hunter2, tiemout: 1s}
track: {poll: never}
"""

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run it in a directory with a wrong jobs.yaml; what it wrote to standard error."""
    (tmp_path / "jobs.yaml").write_text(WRONG)
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> str:
        assert program(cli.parse(words)) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert "hunter2" not in shown.err
        return shown.err

    return run


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ([], "fthg: 4 errors in jobs.yaml; nothing was sent:"),
        (["--check"], "fthg: 4 errors in jobs.yaml; nothing was sent:"),
        (["--track"], "fthg: 4 errors in jobs.yaml; no report was written:"),
        (["--show-config"], "fthg: 4 errors in jobs.yaml:"),
        (["--from-results", "r.jsonl"], "fthg: 3 errors in jobs.yaml:"),
        (
            ["--set", "run.duration=long"],
            "fthg: 5 errors in jobs.yaml and on the command line; nothing was sent:",
        ),
    ],
)
def test_several_errors_are_counted_under_the_name_of_their_file(
    run: Run, words: list[str], heading: str
) -> None:
    first, *errors = run("-c", "jobs.yaml", *words).splitlines()
    assert first == heading
    assert f"{len(errors)} errors" in heading
    assert errors[0].startswith("  jobs.yaml:2:")


def test_a_single_error_is_one_line(run: Run) -> None:
    assert run("-c", "missing.yaml") == (
        "fthg: missing.yaml: cannot be read: No such file or directory\n"
    )


def test_nothing_to_do_is_a_hint(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("jobs: {}\n")
    monkeypatch.setenv("FTHG_CONFIG", "none.yaml")
    first, *rest = run().splitlines()
    assert first == "fthg: there is nothing to do: no job is enabled in none.yaml."
    assert any("--sample-config" in line for line in rest)
