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


def test_of_very_many_jobs_that_cannot_start_the_first_are_listed_and_all_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = "".join(f"  a{at}: {{url: 'http://h/', files: no, rate: 1/s}}\n" for at in range(30))
    (tmp_path / "many.yaml").write_text(f"jobs:\n{jobs}")
    assert program(cli.parse(["-c", str(tmp_path / "many.yaml"), "--check"])) == 3
    text = capsys.readouterr().err
    assert text.startswith("fthg: 30 errors; nothing was sent:\n")
    assert text.endswith("\n  and 10 more\n")
    assert text.count("\n") == 22


def test_a_single_error_is_one_line(run: Run) -> None:
    assert run("-c", "missing.yaml") == (
        "fthg: missing.yaml: cannot be read: No such file or directory\n"
    )


def test_without_a_configuration_there_is_a_hint(run: Run) -> None:
    assert run() == "fthg: there is no configuration; did you mean: fthg -c jobs.yaml\n"
    Path("jobs.yaml").unlink()  # which the hint would overwrite
    shown = run()
    assert shown.startswith("fthg: there is nothing to do: there is no configuration.\n")
    assert "--sample-config > jobs.yaml" in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jobs: {}", "fthg: own.yaml has no jobs; man fthg.yaml shows how to write one\n"),
        (
            "jobs: {a: {url: 'http://h/', files: ., rate: 1/s, enabled: false}, "
            "b: {url: 'http://h/', files: ., rate: 1/s, enabled: false}}",
            "fthg: no job is enabled in own.yaml; its jobs are a, b\n"
            "  write `enabled: true` there, or add --set jobs.a.enabled=true\n",
        ),
    ],
)
def test_a_configuration_without_an_enabled_job_is_named_and_never_to_be_overwritten(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, shown: str
) -> None:
    (tmp_path / "own.yaml").write_text(text + "\n")
    monkeypatch.setenv("FTHG_CONFIG", "own.yaml")
    assert run() == shown
