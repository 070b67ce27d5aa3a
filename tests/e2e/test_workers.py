"""Several processes that share the load, as one run."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import free_port
from tests.servers.nginx import Nginx, nginx
from tests.waiting import until_written

from .program import end, figures, fthg, results, start


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, web: Nginx) -> Path:
    (tmp_path / "files").mkdir()
    for number in range(10):
        (tmp_path / "files" / f"f{number}").write_text(f"content {number}")
    (tmp_path / "jobs.yaml").write_text(f"""
run: {{duration: 4s, workers: 3, results: r.jsonl, summary: s.json}}
defaults: {{files: files, method: PUT}}
jobs:
  rate: {{url: "{web.url}/rate/{{uuid}}", rate: 50/s}}
  paced: {{url: "{web.url}/paced/{{uuid}}", rate: 10/s, model: closed, senders: 2}}
  once: {{url: "{web.url}/once/{{filename}}", rate: 10/s, repeat: once}}
""")
    return tmp_path


def test_three_workers_send_what_one_would_and_each_arrival_once(config: Path, web: Nginx) -> None:
    done = fthg("-c", "jobs.yaml", cwd=config)
    assert done.status == 0, done.err
    lines = results(config / "r.jsonl")
    jobs = figures(config / "s.json")["jobs"]
    assert Counter(line["job"] for line in lines) == {"rate": 200, "paced": 40, "once": 10}
    assert {name: job["ok"] for name, job in jobs.items()} == {
        "rate": 200,
        "paced": 40,
        "once": 10,
    }
    for name, count in (("rate", 200), ("paced", 40)):
        assert sorted(line["seq"] for line in lines if line["job"] == name) == list(range(count))
    stored = web.directory / "files" / "once"
    assert sorted(path.name for path in stored.iterdir()) == [f"f{n}" for n in range(10)]


def test_times_of_failed_transfers_are_those_of_all_workers_and_of_the_results(
    config: Path, web: Nginx
) -> None:
    (config / "half.yaml").write_text(f"""
run: {{results: r.jsonl, summary: s.json, workers: 2}}
defaults: {{files: files, method: PUT, rate: 40/s, count: 40}}
jobs:
  stored: {{url: "{web.url}/half/{{uuid}}"}}
  refused: {{url: "http://127.0.0.1:1/"}}
""")
    done = fthg("-c", "half.yaml", cwd=config)
    assert done.status == 0, done.err
    fthg("--from-results", "r.jsonl", "--summary", "again.json", cwd=config)
    lines = results(config / "r.jsonl")
    jobs, again = (figures(config / name)["jobs"] for name in ("s.json", "again.json"))
    for job, right, other in (("stored", "", "_failed"), ("refused", "_failed", "")):
        took = [line["end"] - line["start"] for line in lines if line["job"] == job]
        assert len(took) == 40
        for summary in (jobs, again):
            times = summary[job][f"service_time{right}"]
            assert times["count"] == summary[job][f"response_time{right}"]["count"] == 40
            assert times["max"] == pytest.approx(max(took), abs=5e-6)
            assert summary[job][f"service_time{other}"]["count"] == 0
        for name in (f"service_time{right}", f"response_time{right}"):
            for stat, value in jobs[job][name].items():
                assert again[job][name][stat] == pytest.approx(value, rel=0.02, abs=5e-6)


def test_one_stop_counts_once_even_if_every_process_gets_it(config: Path) -> None:
    process = start("-c", "jobs.yaml", "--duration", "1m", cwd=config)
    until_written(config / "r.jsonl")
    for pid in (*_children(process.pid), process.pid):
        os.kill(pid, signal.SIGTERM)
    done = end(process)
    assert done.status == 0, done.err
    assert "stopped by SIGTERM" in done.out
    assert {line["outcome"] for line in results(config / "r.jsonl")} == {"ok"}


def test_a_worker_that_dies_is_reported_and_the_others_go_on(config: Path) -> None:
    process = start("-c", "jobs.yaml", cwd=config)
    until_written(config / "r.jsonl")
    pid = _children(process.pid)[0]
    os.kill(pid, signal.SIGKILL)
    done = end(process)
    assert done.status == 1
    assert "a worker died" in done.err
    assert len((config / "r.jsonl").read_text().splitlines()) > 100
    summary = figures(config / "s.json")
    total = summary["total"]
    (lost,) = summary["lost_workers"]
    assert (lost["pid"], lost["killed"], lost["cause"]) == (pid, False, "it was ended by SIGKILL")
    assert total["scheduled"] == sum(
        total[outcome] for outcome in ("ok", "failed", "dropped", "cancelled")
    )


def test_a_worker_that_dies_holds_up_no_outage(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    url = f"http://127.0.0.1:{free_port()}/"
    options = ["--files", "a", "--rate", "40/s", "--duration", "4s", "--workers", "2"]
    run = start("--url", url, *options, "--results", "r.jsonl", "--summary", "s.json", cwd=tmp_path)
    until_written(tmp_path / "r.jsonl")
    time.sleep(1)
    os.kill(_children(run.pid)[0], signal.SIGKILL)
    done = end(run)
    assert done.status == 1
    summary = figures(tmp_path / "s.json")
    (outage,) = summary["outages"]
    assert 80 < outage["count"] == summary["total"]["failed"] < 150
    assert done.err.count("outage began") == 1


def test_workers_end_with_their_parent(config: Path) -> None:
    process = start("-c", "jobs.yaml", "--duration", "1m", cwd=config)
    until_written(config / "r.jsonl")
    children = _children(process.pid)
    assert len(children) == 3
    process.kill()
    process.communicate()
    limit = time.monotonic() + 20
    while any(os.path.exists(f"/proc/{pid}/fd/0") for pid in children):
        assert time.monotonic() < limit
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], check=False, capture_output=True, text=True
    )
    return [int(word) for word in found.stdout.split()]
