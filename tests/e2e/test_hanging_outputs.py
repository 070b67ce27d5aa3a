"""Outputs that hang, beside a healthy job: no transfer waits for them, and the run ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.hung_disk import hung_disk
from tests.servers.nginx import Nginx
from tests.unread_pipe import unread_pipe
from tests.waiting import until, until_written

from .program import Ended, cut, end, figures, start

COUNT, SECONDS = 300, 3
LOG = ["--set", "logging.file.path=log", "--set", "logging.file.level=trace"]
CONTENT = b"content of a file\n" * 100


@pytest.fixture
def here(tmp_path: Path, web: Nginx) -> Path:
    """A job that is healthy, at 100/s."""
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "one").write_bytes(CONTENT)
    (tmp_path / "jobs.yaml").write_text(f"""
jobs:
  orders:
    url: {web.url}/{tmp_path.name}/{{uuid}}
    method: PUT
    files: files
    rate: {COUNT // SECONDS}/s
    count: {COUNT}
""")
    return tmp_path


def run(here: Path, *words: str) -> Ended:
    began = time.monotonic()
    done = end(start("-c", "jobs.yaml", *words, cwd=here))
    assert time.monotonic() - began < SECONDS + 16, done.err
    return done


@contextmanager
def unanswered(here: Path) -> Iterator[None]:
    """One more job, whose transfers only a cut ends."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(100)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with (here / "jobs.yaml").open("a") as file:
            file.write(f"  hangs: {{url: '{url}', files: files, rate: 1/s}}\n")
        yield


def stored(web: Nginx, here: Path) -> int:
    """Return the number of files that have arrived whole."""
    place = web.directory / "files" / here.name
    return sum(path.read_bytes() == CONTENT for path in place.iterdir())


def until_sent(web: Nginx, here: Path) -> None:
    """Wait until a run has sent some files, however long its start takes."""
    place = web.directory / "files" / here.name
    until(lambda: place.exists() and sum(1 for _ in place.iterdir()) >= 20, seconds=60)


def is_unharmed(here: Path, web: Nginx) -> int:
    """Check that all went well, and in time; return how many results were lost."""
    assert stored(web, here) == COUNT
    summary = figures(here / "s.json")
    assert (summary["total"]["scheduled"], summary["total"]["ok"]) == (COUNT, COUNT)
    assert summary["total"]["lateness"]["max"] < 1
    lost: int = summary["results_lost"]
    assert 0 < lost <= COUNT
    return lost


def test_results_and_a_log_that_nobody_reads_delay_no_transfer_and_are_counted(
    here: Path, web: Nginx
) -> None:
    with unread_pipe(here / "results") as results, unread_pipe(here / "log"):
        done = run(here, "--results", "results", "--summary", "s.json", *LOG)
        text = os.read(results, 1 << 20)
    assert done.status == 3, done.err
    lost = is_unharmed(here, web)
    whole = [line for line in text.splitlines(keepends=True) if line.endswith(b"\n")]
    assert len(whole) + lost >= COUNT
    assert "fthg: results file results: " in done.err
    assert "log lines were lost" in done.err


def test_a_summary_that_hangs_is_an_error_and_all_else_is_written(here: Path, web: Nginx) -> None:
    with unread_pipe(here / "pipe", room=0):
        done = run(here, "--results", "r.jsonl", "--summary", "pipe")
    assert done.status == 3, done.err
    assert stored(web, here) == COUNT
    assert len((here / "r.jsonl").read_text().splitlines()) == COUNT
    assert "fthg: pipe cannot be written: its disk or reader has not answered for 5 s" in done.err
    assert f"{COUNT}" in done.out


def test_two_signals_end_a_run_within_5_s_though_all_its_files_hang(here: Path, web: Nginx) -> None:
    with (
        unread_pipe(here / "r", room=0),
        unread_pipe(here / "s", room=0),
        unread_pipe(here / "log", room=0),
        unanswered(here),
    ):
        process = start("-c", "jobs.yaml", "--results", "r", "--summary", "s", *LOG, cwd=here)
        until_sent(web, here)
        done, seconds = cut(process)
    assert done.status == 130, done.err
    assert seconds < 5
    assert "log lines were lost" in done.err


def test_a_second_signal_while_files_hang_at_the_end_waits_for_no_reader(
    here: Path, web: Nginx
) -> None:
    with unread_pipe(here / "r", room=0), unread_pipe(here / "stdout", room=0):
        with (here / "stdout").open("wb") as stdout:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "fthg",
                    "-c",
                    "jobs.yaml",
                    "--results",
                    "r",
                    "--summary",
                    "s.json",
                ],
                cwd=here,
                stdout=stdout,
                stderr=subprocess.DEVNULL,
            )
        try:
            until_sent(web, here)
            process.send_signal(signal.SIGINT)
            time.sleep(2)  # it ends: the results are waited for
            assert not (here / "s.json").exists()
            process.send_signal(signal.SIGTERM)
            process.wait(5)
        finally:
            process.kill()
            process.wait()
    summary = figures(here / "s.json")
    assert summary["total"]["scheduled"] == summary["results_lost"] > 0


@contextmanager
def on_mount_that_hangs(here: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run it with results and log on a mount, which hangs as soon as there are results."""
    with hung_disk(here) as disk:
        files = ["--results", f"{disk.path}/r.jsonl", "--set", f"logging.file.path={disk.path}/log"]
        level = ["--set", "logging.file.level=trace", "--summary", "s.json"]
        process = start("-c", "jobs.yaml", *files, *level, *words, cwd=here)
        written = disk.behind / "r.jsonl"
        until_written(written)
        disk.hang()
        yield process


def test_a_mount_that_hangs_under_results_and_logs_delays_no_transfer_of_two_workers(
    here: Path, web: Nginx
) -> None:
    with on_mount_that_hangs(here, "--workers", "2") as process:
        process.send_signal(signal.SIGHUP)  # to open both files again, where that hangs
        began = time.monotonic()
        done = end(process)
        assert time.monotonic() - began < SECONDS + 16
    assert done.status == 3, done.err
    whole = (here / "behind" / "r.jsonl").read_text().splitlines()
    assert len(whole) + is_unharmed(here, web) == COUNT
    assert "log lines were lost" in done.err


def test_two_signals_end_a_run_within_5_s_on_a_mount_that_hangs(here: Path) -> None:
    with unanswered(here), on_mount_that_hangs(here) as process:
        done, seconds = cut(process)
    assert done.status == 130, done.err
    assert seconds < 5
