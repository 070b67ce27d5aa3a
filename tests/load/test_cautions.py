"""Checks that are switched off are reported once for each job."""

from __future__ import annotations

from pathlib import Path

import pytest

from fthg import cli
from fthg.config import settings
from fthg.load.cautions import caution
from fthg.load.planning import make_plan
from fthg.program import SECTIONS
from fthg.writing import Stamp

OFF = "may pose as the server"


def cautions(caplog: pytest.LogCaptureFixture, directory: Path, *words: str) -> list[str]:
    read = settings.read(cli.parse([*words, "--files", str(directory), "--rate", "1/s"]), SECTIONS)
    caution(make_plan(read.run, read.jobs, Stamp("r", "d", "t")), 0)
    return [record.msg for record in caplog.records]


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "https://h/", "-k"],
        ["--url", "HTTPS://h/", "-k"],
        ["--url", "http://h/", "-k", "--set", "jobs.cli.follow_redirects=true"],
        ["--url", "sftp://u:p@h/", "-k"],
        ["--url", "sftp://u:p@h/", "--host-key", "ignore"],
    ],
)
def test_a_check_that_is_switched_off_is_reported_once(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, words: list[str]
) -> None:
    (warning,) = cautions(caplog, tmp_path, *words)
    assert OFF in warning


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "https://h/"],
        ["--url", "http://h/", "-k"],
        ["--url", "sftp://u:p@h/"],
        ["--url", "sftp://u:p@h/", "--host-key", "accept-new"],
    ],
)
def test_checks_are_on_unless_they_are_switched_off(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, words: list[str]
) -> None:
    assert cautions(caplog, tmp_path, *words) == []


def test_a_job_that_starts_after_the_end_is_a_warning(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    words = ["--url", "http://h/", "--set", "jobs.cli.start_after=2m", "--set"]
    (warning,) = cautions(caplog, tmp_path, *words, "run.duration=2m")
    assert warning.startswith("nothing will be sent")
    caplog.clear()
    assert cautions(caplog, tmp_path, *words, "run.duration=3m") == []


@pytest.mark.parametrize(
    ("rate", "words", "warned"),
    [
        ("90000/s", [], True),
        ("10/s for 30s, to 100000/s over 30s", [], True),
        ("3000/s", [], True),
        ("3000/s", ["--workers", "2"], False),
        ("500/s", [], False),
        ("max", ["--model", "closed"], False),
    ],
)
def test_a_rate_beyond_what_processes_can_send_is_a_warning(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, rate: str, words: list[str], warned: bool
) -> None:
    found = cautions(
        caplog, tmp_path, "--url", "http://h/", *words, "--set", f"jobs.cli.rate={rate}"
    )
    assert [" can send, which is some " in warning for warning in found] == [True] * warned
