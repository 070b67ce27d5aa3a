from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fthg import cli
from fthg.cli.completion import SHELLS, completion
from tests.packaging.places import RPM
from tests.servers import need


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = subprocess.run(
        [sys.executable, str(RPM / "completion.py"), "bash"], stdout=subprocess.PIPE, check=True
    )
    path = tmp_path_factory.mktemp("completion") / "fthg"
    path.write_bytes(made.stdout)
    return path


def complete(script: Path, *words: str, cwd: Path) -> list[str]:
    """Return what bash offers for the last of the words."""
    line = (
        f'source "$0"; COMP_WORDS=("$@"); COMP_CWORD={len(words)}; '
        '_fthg; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [need("bash"), "-c", line, str(script), "fthg", *words],
        stdout=subprocess.PIPE, check=True, cwd=str(cwd),
    )  # fmt: skip
    return done.stdout.decode().split()


def test_every_option_is_offered(script: Path, tmp_path: Path) -> None:
    known = {option for a in cli.build_parser()._actions for option in a.option_strings}
    assert set(complete(script, "-", cwd=tmp_path)) == known


def test_an_option_is_completed(script: Path, tmp_path: Path) -> None:
    assert complete(script, "--sam", cwd=tmp_path) == ["--sample-config"]


@pytest.mark.parametrize("words", [("--model", ""), ("--model", "="), ("--model", "=", "")])
def test_choices_are_offered(words: tuple[str, ...], script: Path, tmp_path: Path) -> None:
    assert complete(script, *words, cwd=tmp_path) == ["open", "closed"]


def test_files_are_offered_where_a_file_is_wanted(script: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.yaml").touch()
    assert complete(script, "-c", "jo", cwd=tmp_path) == ["jobs.yaml"]


def test_files_are_offered_for_each_of_several(script: Path, tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").touch()
    for words in (["--from-results", "a", "b."], ["-v", "--from-results", "a", "b", ""]):
        assert complete(script, *words, cwd=tmp_path) == ["b.jsonl"]
    assert "--run" in complete(script, "--from-results", "a", "--r", cwd=tmp_path)


def test_nothing_is_offered_where_only_the_user_knows(script: Path, tmp_path: Path) -> None:
    (tmp_path / "5").touch()
    assert complete(script, "--rate", "", cwd=tmp_path) == []


def test_kinds_of_samples_are_offered_and_may_be_left_out(script: Path, tmp_path: Path) -> None:
    assert complete(script, "--sample-config", "m", cwd=tmp_path) == ["minimal"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_reads_its_script(shell: str, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(completion(shell, cli.build_parser()), encoding="utf-8")
    done = subprocess.run(
        [need(shell, on_rhel=False), "-n", str(path)], stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_fish_offers_options_choices_and_files(tmp_path: Path) -> None:
    (tmp_path / "script").write_text(completion("fish", cli.build_parser()), encoding="utf-8")
    (tmp_path / "jobs.yaml").touch()

    def offered(line: str) -> list[str]:
        command = f"source script; complete -C '{line}'"
        done = subprocess.run(
            [need("fish", on_rhel=False), "--no-config", "-c", command],
            stdout=subprocess.PIPE, check=True, cwd=str(tmp_path),
            env={**os.environ, "HOME": str(tmp_path)},
        )  # fmt: skip
        return [line.split("\t")[0] for line in done.stdout.decode().splitlines()]

    assert offered("fthg --model ") == ["closed", "open"]
    assert "jobs.yaml" in offered("fthg --config jo")
    assert "jobs.yaml" in offered("fthg --from-results a jo")
    assert "--sample-config" in offered("fthg --sam")


def test_zsh_knows_the_forms_in_which_a_value_may_follow() -> None:
    script = completion("zsh", cli.build_parser())
    assert "{-c+,--config=}" in script
    assert " --model='[" in script
    assert "{-n,--check,--dry-run}" in script
