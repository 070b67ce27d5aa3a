"""A disk that is full from the first byte to the end: the run goes on, and says what was lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.servers import free_port

from .program import Ended, figures, fthg

FULL = "/dev/full"


def run(directory: Path, *words: str) -> Ended:
    """A hundred transfers in two seconds, to nobody."""
    (directory / "files").mkdir()
    (directory / "files" / "one").write_text("1")
    return fthg(
        "--url", f"http://127.0.0.1:{free_port()}/", "--files", "files", "--rate", "50/s",
        "--count", "100", "--summary", "s.json", *words, cwd=directory,
    )  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_results_that_cannot_be_written_are_counted_and_status_3(
    tmp_path: Path, workers: int
) -> None:
    done = run(tmp_path, "--results", FULL, "--set", f"run.workers={workers}")
    assert done.status == 3, done.err
    assert done.err.count("results cannot be written") == workers
    assert f"fthg: results file {FULL}: " in done.err
    summary = figures(tmp_path / "s.json")
    assert (summary["total"]["failed"], summary["results_lost"]) == (100, 100)
    assert "100 lines of the results file could not be written" in done.out


def test_a_log_that_cannot_be_written_is_reported_once_and_counted(tmp_path: Path) -> None:
    done = run(tmp_path, "--log-file", FULL, "-v")
    assert done.status == 0, done.err
    assert done.err.count("log file cannot be written") == 1
    assert done.err.count("log lines were lost") == 1
    assert figures(tmp_path / "s.json")["total"]["failed"] == 100


def test_a_summary_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    done = run(tmp_path, "--summary", FULL)
    assert done.status == 3, done.err
    assert FULL in done.err
    assert "Traceback" not in done.err
    assert "failed" in done.out
