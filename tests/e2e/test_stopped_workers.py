"""Workers that do not answer, a parent that is gone or takes no reports, and their ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent

from tests.servers.faulty import Conversation, faulty
from tests.servers.hung_disk import hung_disk
from tests.servers.nginx import Nginx
from tests.waiting import until_written

from .program import cut, end, figures, results, start
from .test_standstills import children_of

OUTCOMES = ("ok", "failed", "dropped", "cancelled")


@contextmanager
def running(directory: Path, web: Nginx, more: str = "") -> Iterator[subprocess.Popen[str]]:
    """A run of three workers with one job or two, a second after its first result."""
    (directory / "file").write_bytes(b"content")
    (directory / "jobs.yaml").write_text(f"""
run: {{duration: 1m, workers: 3, results: r.jsonl, summary: s.json}}
jobs:
  job: {{url: "{web.url}/{directory.name}/{{uuid}}", method: PUT, files: file, rate: 60/s}}
  {more}
""")
    process = start("-c", "jobs.yaml", "-q", cwd=directory)
    children: list[int] = []
    try:
        until_written(directory / "r.jsonl")
        time.sleep(1)
        children = children_of(process.pid)
        yield process
    finally:
        process.kill()
        for pid in children:
            _kill_if_there(pid)


def _kill_if_there(pid: int) -> None:
    if _is_there(pid):
        os.kill(pid, signal.SIGKILL)


def _is_there(pid: int) -> bool:
    """Return True if it is a process, and no zombie that nobody has waited for."""
    return os.path.exists(f"/proc/{pid}/fd/0")


def check_the_books(directory: Path, web: Nginx, lost: int) -> dict[str, Any]:
    """Each line whole; the figures add up, and differ from the lines by what the lost did last."""
    summary = figures(directory / "s.json")
    total = summary["total"]
    assert total["scheduled"] == sum(total[outcome] for outcome in OUTCOMES)
    lines = results(directory / "r.jsonl")  # raises at one that is cut
    assert len({(line["job"], line["seq"]) for line in lines}) == len(lines)
    stored = {path.name for path in (web.directory / "files" / directory.name).iterdir()}
    ok = {line["uuid"] for line in lines if line["outcome"] == "ok"}
    assert ok <= stored
    # In a second, the longest time between two reports or two writes, it has 20 arrivals.
    assert len(stored) - len(ok) <= 20 * lost
    assert abs(total["ok"] - len(ok)) <= 20 * lost
    return summary


def never_answer(client: Conversation) -> None:
    client.read_request()
    gevent.sleep(60)


def test_two_signals_end_a_run_with_a_stopped_worker_within_5_s(tmp_path: Path, web: Nginx) -> None:
    with faulty(never_answer) as server:
        slow = f'slow: {{url: "{server.url}/", files: file, rate: 9/s}}'
        with running(tmp_path, web, slow) as process:
            pids = children_of(process.pid)
            os.kill(pids[1], signal.SIGSTOP)
            time.sleep(1)
            done, took = cut(process)
    assert (done.status, took < 5) == (130, True), (done.err, took)
    assert not any(map(_is_there, pids))
    summary = check_the_books(tmp_path, web, lost=1)
    (lost,) = summary["lost_workers"]
    assert (lost["worker"], lost["pid"], lost["killed"]) == (1, pids[1], True)
    lines = Counter(line["outcome"] for line in results(tmp_path / "r.jsonl"))
    assert 0 < lost["in_flight"] == summary["total"]["cancelled"] - lines["cancelled"]
    assert f"Worker 1 (pid {pids[1]}) did not end and was killed" in " ".join(done.out.split())
    assert f"a worker did not end and was killed  worker=1 pid={pids[1]}" in done.err


def test_after_one_signal_a_stopped_worker_is_waited_for_and_may_go_on(
    tmp_path: Path, web: Nginx
) -> None:
    with running(tmp_path, web) as process:
        pid = children_of(process.pid)[0]
        os.kill(pid, signal.SIGSTOP)
        process.send_signal(signal.SIGTERM)
        time.sleep(4)
        os.kill(pid, signal.SIGCONT)
        done = end(process)
    assert done.status == 0, done.err
    assert check_the_books(tmp_path, web, lost=0)["lost_workers"] == []


def test_workers_end_with_their_parent_even_if_one_is_stopped(tmp_path: Path, web: Nginx) -> None:
    with running(tmp_path, web) as process:
        pids = children_of(process.pid)
        os.kill(pids[0], signal.SIGSTOP)
        process.kill()
        process.communicate()
        limit = time.monotonic() + 2
        while any(map(_is_there, pids)):
            assert time.monotonic() < limit
            time.sleep(0.02)
    whole = (tmp_path / "r.jsonl").read_bytes().rpartition(b"\n")[0]
    (tmp_path / "r.jsonl").write_bytes(whole)
    assert (
        Counter(line["outcome"] for line in results(tmp_path / "r.jsonl"))["ok"] > 30
    )  # a second's worth, as far as it was flushed


def test_workers_go_on_while_their_parent_is_stopped(tmp_path: Path, web: Nginx) -> None:
    with running(tmp_path, web) as process:
        before = len(results(tmp_path / "r.jsonl"))
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        assert len(results(tmp_path / "r.jsonl")) - before > 120
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        done = end(process)
    assert done.status == 0, done.err
    summary = check_the_books(tmp_path, web, lost=0)
    assert (summary["lost_workers"], summary["total"]["dropped"]) == ([], 0)


def test_workers_whose_results_hang_at_the_end_have_reported_all_that_they_sent(
    tmp_path: Path, web: Nginx
) -> None:
    with hung_disk(tmp_path) as disk:
        (tmp_path / "r.jsonl").symlink_to(disk.path / "r.jsonl")
        with running(tmp_path, web) as process:
            disk.hang("write")
            done, took = cut(process)
        summary = figures(tmp_path / "s.json")
    assert (done.status, took < 5) == (130, True), (done.err, took)
    stored = len(list((web.directory / "files" / tmp_path.name).iterdir()))
    assert (summary["total"]["scheduled"], summary["total"]["ok"]) == (stored, stored)
