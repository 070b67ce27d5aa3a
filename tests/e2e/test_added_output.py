"""An output added as CONTRIBUTING.md describes it: a file and a line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.servers.nginx import Nginx

from .program import ENVIRONMENT

SUFFIXES = """
from gevent import monkey
monkey.patch_all()
import json, os, sys
from collections import Counter

from fthg.errors import StartError
from fthg.load import outputs


class Suffixes(outputs.Output):
    def __init__(self):
        self.counts = Counter()

    @classmethod
    def make(cls, plan, around):
        return cls()

    def record(self, results):
        self.counts.update(os.path.splitext(one.name)[1] for one in results if one.outcome == "ok")

    def end(self, snapshot):
        if "--broken" in sys.argv:
            raise StartError("suffixes.json cannot be written")
        with open("suffixes.json", "w") as file:
            json.dump(self.counts, file)


outputs.OUTPUTS["suffixes"] = Suffixes

from fthg import cli
from fthg.program import program

sys.exit(program(cli.parse([word for word in sys.argv[1:] if word != "--broken"])))
"""


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SUFFIXES, *words],
        cwd=cwd,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def words(tmp_path: Path, web: Nginx) -> list[str]:
    (tmp_path / "files").mkdir()
    for name in ("a.csv", "b.csv", "c.xml"):
        (tmp_path / "files" / name).write_text(name)
    url = f"{web.url}/{tmp_path.name}/{{seq}}-{{filename}}"
    return [
        *("--url", url, "-X", "PUT", "--files", "files", "--rate", "50/s", "--count", "60"),
        *("--results", "r.jsonl", "--set", "jobs.cli.max_in_flight=60"),
    ]


def suffixes(directory: Path) -> dict[str, Any]:
    counted: dict[str, Any] = json.loads((directory / "suffixes.json").read_text())
    (directory / "suffixes.json").unlink()
    return counted


@pytest.mark.parametrize("workers", ["1", "3"])
def test_it_receives_every_result_of_every_process_and_of_results_files(
    tmp_path: Path, web: Nginx, words: list[str], workers: str
) -> None:
    done = run(*words, "--workers", workers, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert suffixes(tmp_path) == {".csv": 40, ".xml": 20}
    stored = list((web.directory / "files" / tmp_path.name).iterdir())
    assert len([path for path in stored if path.suffix == ".csv"]) == 40
    assert len(stored) == 60
    again = run("--from-results", "r.jsonl", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert suffixes(tmp_path) == {".csv": 40, ".xml": 20}


def test_what_it_cannot_write_is_named_and_disturbs_nothing_else(
    tmp_path: Path, words: list[str]
) -> None:
    done = run(*words, "--broken", cwd=tmp_path)
    assert done.returncode == 3
    assert "fthg: suffixes.json cannot be written\n" in done.stderr
    assert "ok...............: 60" in done.stdout
    assert len((tmp_path / "r.jsonl").read_text().splitlines()) == 60
