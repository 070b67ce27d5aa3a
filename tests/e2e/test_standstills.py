"""fthg is stopped for a while: nothing fails for it, no server is blamed, and it is named."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.servers import free_port
from tests.servers.faulty import Conversation, faulty
from tests.servers.nginx import Nginx
from tests.servers.sshd import Sshd
from tests.waiting import until_written

from .program import Ended, end, figures, fthg, start

STOPPED = 3.0
SECONDS = 6
CONTENT = b"content of a file\n" * 100


class Run:
    """One that was stopped, with all that it left."""

    def __init__(self, directory: Path, done: Ended) -> None:
        assert done.status == 0, done.err
        self.directory = directory
        self.done = done
        self.summary = figures(directory / "s.json")
        self.total = self.summary["total"]
        self.standstills: list[dict[str, Any]] = self.summary["standstills"]
        self.lines = lines(directory / "r.jsonl", "outcome")

    def caught_up(self) -> list[float]:
        """Return the starts of arrivals that fell due in the standstill and were sent after it."""
        (one,) = self.standstills
        over = moment(one["start"]) + one["seconds"]
        return [
            line["start"]
            for line in self.lines
            if line["start"] and line["due"] <= over and line["start"] > over - 0.005
        ]


def lines(path: Path, kind: str) -> list[dict[str, Any]]:
    return [line for line in map(_read, path.read_text().splitlines()) if kind in line]


def _read(line: str) -> dict[str, Any]:

    found: dict[str, Any] = json.loads(line)
    return found


def moment(text: str) -> float:
    naive = datetime.fromisoformat(text.rstrip("Z"))
    return naive.replace(tzinfo=timezone.utc).timestamp()


def http_job(web: Nginx, name: str = "http") -> str:
    return f'url: "{web.url}/{name}/{{uuid}}", method: PUT'


def sftp_job(ssh: Sshd) -> str:
    return (
        f'url: "{ssh.url()}", remote_name: "{{uuid}}", key: "{ssh.key}", '
        f'known_hosts: "{ssh.known_hosts}"'
    )


def stopped(directory: Path, job: str, workers: int = 1, only: int = -1) -> Run:
    """A run of six seconds; after the first one it, or one worker only, is stopped for three."""
    (directory / "file").write_bytes(CONTENT)
    (directory / "jobs.yaml").write_text(f"""
run: {{duration: {SECONDS}s, workers: {workers}, results: r.jsonl, summary: s.json}}
jobs:
  job: {{{job}, files: file, timeout: 1s}}
""")
    process = start("-c", "jobs.yaml", cwd=directory)
    until_written(directory / "r.jsonl")
    time.sleep(1)
    children = children_of(process.pid)
    pids = [children[only]] if only >= 0 else [process.pid, *children]
    send(pids, signal.SIGSTOP)
    time.sleep(STOPPED)
    send(pids, signal.SIGCONT)
    return Run(directory, end(process))


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


def children_of(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True
    )
    return [int(word) for word in found.stdout.split()]


def check_that_nobody_is_blamed(run: Run) -> None:
    """No failure, no outage, one standstill that has its cause, and nobody else is to blame."""
    assert Counter(line["error"] for line in run.lines if line["error"]) == {}
    assert (run.total["failed"], run.summary["outages"]) == (0, [])
    (one,) = run.standstills
    assert STOPPED - 0.3 < one["seconds"] < STOPPED + 1.5
    assert one["cause"] == "the process was stopped (SIGSTOP or Ctrl-Z)"
    words = " ".join(run.done.out.split())
    assert f"on: {one['cause']}" in words
    assert "the server is too slow" not in words
    assert "fthg stood still" in run.done.err


def check_that_results_show_the_same(run: Run) -> None:
    again = fthg("--from-results", "r.jsonl", "--summary", "again.json", cwd=run.directory)
    assert again.status == 0, again.err
    read = figures(run.directory / "again.json")
    assert (read["outages"], read["lines_left_out"]) == ([], 0)
    (one,), (other,) = run.standstills, read["standstills"]
    assert moment(other["start"]) == pytest.approx(moment(one["start"]), abs=0.01)
    assert other["seconds"] == pytest.approx(one["seconds"], abs=0.01)
    assert (other["dropped"], other["cause"]) == (one["dropped"], one["cause"])
    for outcome in ("ok", "failed", "dropped"):
        assert read["total"][outcome] == run.total[outcome]


def check_what_is_stored(run: Run, stored: Path) -> None:
    ok = {line["uuid"] for line in run.lines if line["outcome"] == "ok"}
    files = {path.name: path.read_bytes() for path in stored.iterdir() if path.name in ok}
    wanted = hashlib.sha256(CONTENT).digest()
    assert set(files) == ok
    assert {hashlib.sha256(content).digest() for content in files.values()} == {wanted}


def check_the_open_model(run: Run, rate: int, parts: int = 1) -> None:
    """At most a second's worth is made up; every arrival has its line, and drops their reason."""
    (one,) = run.standstills
    assert run.total["scheduled"] == len(run.lines)
    assert sorted(line["seq"] for line in run.lines) == list(range(len(run.lines)))
    dropped = [line for line in run.lines if line["outcome"] == "dropped"]
    assert {line["detail"] for line in dropped} == {"fthg stood still"}
    assert one["dropped"] == len(dropped) == run.total["dropped"]
    over = moment(one["start"]) + one["seconds"]
    assert 0 < len(run.caught_up()) <= rate + parts
    assert max(line["due"] for line in dropped) <= over - 1 + 0.1


@pytest.mark.parametrize("protocol", ["http", "sftp"])
def test_after_a_stop_a_seconds_worth_is_caught_up_and_nothing_fails(
    tmp_path: Path, web: Nginx, ssh: Sshd, protocol: str
) -> None:
    job = http_job(web) if protocol == "http" else sftp_job(ssh)
    run = stopped(tmp_path, f"{job}, rate: 100/s")
    check_that_nobody_is_blamed(run)
    check_the_open_model(run, 100)
    assert run.total["scheduled"] == SECONDS * 100
    assert 150 < run.total["dropped"] < 350
    check_that_results_show_the_same(run)
    check_what_is_stored(run, web.directory / "files" / "http" if protocol == "http" else ssh.root)


def answer_late(client: Conversation) -> None:
    """Answer after half a second, so that at 40/s twenty transfers are in flight."""
    while client.read_request():
        gevent.sleep(0.5)
        client.answer()


def test_answers_that_came_in_a_standstill_are_in_time(tmp_path: Path) -> None:
    with faulty(answer_late) as server:
        run = stopped(tmp_path, f'url: "{server.url}/", rate: 40/s')
    check_that_nobody_is_blamed(run)
    check_the_open_model(run, 40)
    over = moment(run.standstills[0]["start"]) + STOPPED
    waited = [line for line in run.lines if line["start"] and line["end"] - line["start"] > 1.5]
    assert len(waited) >= 10
    assert {line["outcome"] for line in waited} == {"ok"}
    assert all(line["start"] < over < line["end"] + 0.1 for line in waited)
    assert len(server.heard) == run.total["ok"]
    check_that_results_show_the_same(run)


def test_a_server_that_is_gone_is_an_outage_for_all_standstills(tmp_path: Path) -> None:
    run = stopped(tmp_path, f'url: "http://127.0.0.1:{free_port()}/", rate: 40/s')
    assert len(run.standstills) == 1
    (outage,) = run.summary["outages"]
    assert (outage["end"], outage["kinds"]) == (None, {"refused": outage["count"]})
    under_way = run.total["failed"] - outage["count"]  # when it was stopped: no evidence
    assert 0 <= under_way <= 2


def test_the_closed_model_drops_nothing_and_makes_nothing_up(tmp_path: Path, web: Nginx) -> None:
    run = stopped(tmp_path, f"{http_job(web, 'closed')}, rate: 50/s, model: closed, senders: 4")
    check_that_nobody_is_blamed(run)
    assert (run.total["dropped"], run.standstills[0]["dropped"]) == (0, 0)
    assert run.total["scheduled"] < SECONDS * 50 - 2 * 50
    assert len(run.caught_up()) <= 4
    check_that_results_show_the_same(run)
    check_what_is_stored(run, web.directory / "files" / "closed")


@pytest.mark.parametrize("only", [-1, 0])
def test_standstills_of_workers_are_one(tmp_path: Path, web: Nginx, only: int) -> None:
    name = f"workers{only}"
    run = stopped(tmp_path, f"{http_job(web, name)}, rate: 100/s", workers=2, only=only)
    check_that_nobody_is_blamed(run)
    check_the_open_model(run, 100 if only < 0 else 50, parts=2)
    assert run.total["scheduled"] == SECONDS * 100
    assert len(lines(run.directory / "r.jsonl", "standstill")) == (2 if only < 0 else 1)
    check_that_results_show_the_same(run)
    check_what_is_stored(run, web.directory / "files" / name)
