"""A server that stops and comes back, as a finding: in the summary, its JSON, the log, a replay."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers import free_port, sshd
from tests.servers.faulty import Conversation, faulty
from tests.servers.sshd import Sshd
from tests.waiting import until_written

from .program import end, figures, fthg, results, start

UP, DOWN = 1.5, 2.5


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    home = tmp_path / "sshd"
    home.mkdir()
    with sshd.running(home) as started:
        yield started


def job(server: Sshd, rate: str) -> str:
    return f"""
    url: "{server.url()}"
    files: sshd/sshd_config
    rate: {rate}
    remote_name: "{{uuid}}"
    key: {server.key}
    known_hosts: {server.known_hosts}
    timeout: 5s"""


def written(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def seconds(one: dict[str, Any]) -> float:
    start, over = (datetime.fromisoformat(one[key].rstrip("Z")) for key in ("start", "end"))
    return (over - start).total_seconds()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_stops_and_comes_back_is_one_outage_everywhere(
    tmp_path: Path, server: Sshd, workers: int
) -> None:
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: 7s, workers: {workers}, results: r.jsonl, summary: s.json, status_interval: 2s}}
logging: {{file: {{path: fthg.log, format: json, level: info}}}}
jobs:
  steady: {job(server, "60/s")}
  utmost: {job(server, "max")}
    model: closed
    senders: 2
""")
    run = start("-c", "jobs.yaml", cwd=tmp_path)
    until_written(tmp_path / "r.jsonl")
    time.sleep(UP)
    server.stop()
    time.sleep(DOWN)
    server.start_as_configured()
    done = end(run)
    assert done.status == 0, done.err

    summary = figures(tmp_path / "s.json")
    assert summary["outages_unlisted"] == 0
    assert Counter(one["job"] for one in summary["outages"]) == {"steady": 1, "utmost": 1}
    for one in summary["outages"]:
        assert DOWN - 0.5 < one["time_to_recover"] < DOWN + 4
        assert seconds(one) == pytest.approx(one["time_to_recover"], abs=0.01)
        assert one["count"] == sum(one["kinds"].values()) <= summary["jobs"][one["job"]]["failed"]
        assert set(one["kinds"]) <= {"refused", "reset"}
    # The schedule was kept, and the other job did not spin.
    assert summary["jobs"]["steady"]["scheduled"] == 7 * 60
    assert summary["jobs"]["utmost"]["failed"] < 2 * 12 * workers
    assert "█ outages  2\n" in done.out

    failed = Counter(line["job"] for line in results(tmp_path / "r.jsonl") if line["error"])
    assert failed == {name: figures_["failed"] for name, figures_ in summary["jobs"].items()}
    log = written(tmp_path / "fthg.log")
    events = Counter(line["event"] for line in log)
    assert events["outage began"] == events["outage ended"] == 2
    assert events["failed"] < 30 * 2 * workers
    assert {line.get("worker") for line in log if line["event"] == "health"} == (
        {None} if workers == 1 else {0, 1}
    )

    again = fthg("--from-results", "r.jsonl", "--summary", "again.json", cwd=tmp_path)
    assert again.status == 0, again.err
    retold = {one["job"]: one for one in figures(tmp_path / "again.json")["outages"]}
    for one in summary["outages"]:
        other = retold[one["job"]]
        assert other["count"] == one["count"]
        assert other["time_to_recover"] == pytest.approx(one["time_to_recover"], abs=0.001)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_finds_the_same_outages(tmp_path: Path, workers: int) -> None:
    """Of the first 25 failures in a row each of four workers sees too few for an outage."""
    failing = {*range(50, 75), *range(120, 220)}

    def talk(peer: Conversation) -> None:
        while peer.read_request():
            number = len(scripted.heard) - 1
            peer.answer("503 Service Unavailable" if number in failing else "200 OK")

    (tmp_path / "a").write_bytes(b"x")
    options = ["--files", "a", "--rate", "50/s", "--duration", "6s", "--workers", str(workers)]
    files = ["--results", "r.jsonl", "--summary", "s.json"]
    with faulty(talk) as scripted:
        done = fthg("--url", f"{scripted.url}/", *options, *files, cwd=tmp_path)
    assert done.status == 0, done.err
    summary = figures(tmp_path / "s.json")
    assert len(scripted.heard) == summary["total"]["sent"] == 300
    assert summary["total"]["failed"] == len(failing)
    first, second = summary["outages"]
    assert (first["kinds"], second["kinds"]) == ({"status": 25}, {"status": 100})
    assert done.err.count("outage began") == done.err.count("outage ended") == 2
    again = fthg("--from-results", "r.jsonl", "--summary", "again.json", cwd=tmp_path)
    assert again.status == 0, again.err
    for one, other in zip(summary["outages"], figures(tmp_path / "again.json")["outages"]):
        assert other["kinds"] == one["kinds"]
        assert other["time_to_recover"] == pytest.approx(one["time_to_recover"], abs=0.001)


def test_a_server_that_is_never_there_is_an_outage_that_has_not_ended(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    url = f"http://127.0.0.1:{free_port()}/"
    options = ["--files", "a", "--rate", "20/s", "--duration", "2s", "--summary", "s.json"]
    done = fthg("--url", url, *options, cwd=tmp_path)
    assert done.status == 0
    (outage,) = figures(tmp_path / "s.json")["outages"]
    assert (outage["end"], outage["time_to_recover"]) == (None, None)
    assert outage["kinds"] == {"refused": 40}
    assert "█ outages  1, 1 not recovered (✗)\n" in done.out
    assert "outage has not ended" in done.err
