"""The files of one job are on a file system that hangs: another job goes on as if nothing was."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.hung_disk import HungDisk, hung_disk
from tests.servers.nginx import Nginx
from tests.servers.sshd import Sshd
from tests.waiting import until_written

from .program import cut, end, figures, results, start
from .test_standstills import http_job, sftp_job

RATE, SECONDS = 100, 4
CONTENT = bytes(range(256)) * 4
WORDS = "cannot be read: the file system does not answer"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[HungDisk]:
    with hung_disk(tmp_path) as disk:
        for name in ("a", "b"):
            (disk.behind / name).write_bytes(b"small")
        (disk.behind / "large").write_bytes(bytes(3_000_000))
        yield disk


def begin(directory: Path, hung: str, healthy: str, duration: str = f"{SECONDS}s") -> Any:
    (directory / "file").write_bytes(CONTENT)
    (directory / "jobs.yaml").write_text(f"""
run: {{duration: {duration}, results: r.jsonl, summary: s.json, graceful_stop: 20s}}
jobs:
  hung: {{{hung}, files: disk, rate: 20/s, timeout: 2s}}
  healthy: {{{healthy}, files: file, rate: {RATE}/s}}
""")
    process = start("-c", "jobs.yaml", cwd=directory)
    until_written(directory / "r.jsonl")
    time.sleep(0.5)
    return process


def check_that_the_healthy_job_is_on_time(directory: Path, web: Nginx, name: str) -> None:
    done = [line for line in results(directory / "r.jsonl") if line["job"] == "healthy"]
    assert Counter(line["outcome"] for line in done) == {"ok": RATE * SECONDS}
    assert figures(directory / "s.json")["jobs"]["healthy"]["lateness"]["max"] < 1
    stored = [path.read_bytes() for path in (web.directory / "files" / name).iterdir()]
    assert stored == [CONTENT] * (RATE * SECONDS)


@pytest.mark.parametrize("protocol", ["http", "sftp"])
def test_what_hangs_fails_in_words_of_its_own_and_delays_no_other_job(
    tmp_path: Path, web: Nginx, ssh: Sshd, disk: HungDisk, protocol: str
) -> None:
    hung = http_job(web, "hung") if protocol == "http" else sftp_job(ssh)
    process = begin(tmp_path, hung, http_job(web, protocol))
    disk.hang()
    done = end(process)
    check_that_the_healthy_job_is_on_time(tmp_path, web, protocol)
    lines = [line for line in results(tmp_path / "r.jsonl") if line["job"] == "hung"]
    failed = [line for line in lines if line["outcome"] == "failed"]
    assert Counter(line["outcome"] for line in lines)["ok"] > 2
    assert len(failed) > 20
    assert len(lines) == 20 * SECONDS
    told = Counter(line["error"] for line in failed)
    assert told == {"file": len(failed)}
    assert all(WORDS in line["detail"] for line in failed)
    assert all(1.9 < line["end"] - line["start"] < 4.5 for line in failed)
    assert done.status == 0, done.err


@pytest.mark.parametrize("operation", ["stat", "open", "read"])
def test_whichever_call_hangs_another_job_is_on_time(
    tmp_path: Path, web: Nginx, disk: HungDisk, operation: str
) -> None:
    # A directory is read again at each pass, and each entry of it is looked at.
    process = begin(tmp_path, http_job(web, "call"), http_job(web, operation))
    disk.hang(operation)
    done = end(process, 40)
    check_that_the_healthy_job_is_on_time(tmp_path, web, operation)
    assert done.status == 0, done.err


def test_files_are_sent_again_once_the_file_system_goes_on(
    tmp_path: Path, web: Nginx, disk: HungDisk
) -> None:
    process = begin(tmp_path, http_job(web, "again"), http_job(web, "beside"))
    disk.hang()
    time.sleep(0.7)  # less than timeout
    disk.go_on()
    done = end(process)
    assert done.status == 0, done.err
    check_that_the_healthy_job_is_on_time(tmp_path, web, "beside")
    lines = [line for line in results(tmp_path / "r.jsonl") if line["job"] == "hung"]
    assert Counter(line["outcome"] for line in lines) == {"ok": 20 * SECONDS}


@pytest.mark.parametrize("operation", ["open", "read", "all"])
def test_two_signals_end_a_run_whose_files_hang(
    tmp_path: Path, web: Nginx, disk: HungDisk, operation: str
) -> None:
    process = begin(tmp_path, http_job(web, "signals"), http_job(web, "others"), "60s")
    disk.hang(*([] if operation == "all" else [operation]))
    time.sleep(1)
    began = time.monotonic()
    done, _ = cut(process, signal.SIGTERM, timeout=30)
    assert time.monotonic() - began < 5
    assert done.status == 130, done.err
    total = figures(tmp_path / "s.json")["total"]
    assert total["scheduled"] == sum(
        total[outcome] for outcome in ("ok", "failed", "dropped", "cancelled")
    )
    assert total["scheduled"] == len(results(tmp_path / "r.jsonl"))


@pytest.mark.parametrize("more", [[], ["--check"]])
def test_a_signal_ends_a_start_that_waits_for_a_directory_that_hangs(
    tmp_path: Path, web: Nginx, disk: HungDisk, more: list[str]
) -> None:
    disk.hang()
    words = ["--url", f"{web.url}/none/{{uuid}}", "--files", "disk", "--rate", "1/s", *more]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may be ignored
    try:
        process = start(*words, cwd=tmp_path)
    finally:
        signal.signal(signal.SIGINT, before)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    done = end(process, 10)
    assert (done.status, done.err) == (130, "")
