"""Servers that send without end: no other job, deadline or signal waits for them."""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.servers.certificates import Pair, make_ca, server_certificate
from tests.servers.http_flood import flooding
from tests.servers.inventory import inventory
from tests.servers.nginx import Nginx

from .program import cut, end, figures, results, start

SECONDS = 3
RATE = 100
FLOODED = 2  # transfers a second to each server
PATIENCE = 30  # for the end of a run that is frozen
MIB = 1 << 20
HUGE = 20 * MIB


class Flood(NamedTuple):
    """The behaviour of a server, its URL, and the outcome of a transfer to it."""

    kind: str
    ends: str = "timeout"
    by: str = "http"  # https, or what kind of proxy it is
    size: int = 100  # of the file

    def job(self, port: int) -> str:
        """Return the job that is sent to it."""
        url = f"{self.by.replace(' proxy', '')}://localhost:{port}"
        way = f'url: "{url}/"'
        if self.by.endswith("proxy"):
            way = f'url: "https://behind.invalid/", proxy: "{url}"'
        return f"{way}, verify: false, rate: {FLOODED}/s, timeout: 1s, connect_timeout: 5s"


FLOODS: Mapping[str, Sequence[Flood]] = {
    "answers": (
        Flood("body"),
        Flood("tiny chunks"),
        Flood("interim answers", "protocol"),
        Flood("interim heads", "protocol"),
        Flood("trailers", "protocol"),
        Flood("long extension", "protocol"),
        Flood("head", "protocol"),
        Flood("head in spaces", "protocol"),
        Flood("long reason", "protocol"),
    ),
    # The server reads nothing of the body.
    "early answers": (
        Flood("early tiny chunks", size=HUGE),
        Flood("early interim answers", "protocol", size=HUGE),
    ),
    "TLS": (
        Flood("HelloRequest", by="https"),
        Flood("empty records", "tls", by="https"),
        Flood("tickets in TLS", by="https"),
        Flood("body in TLS", by="https"),
        Flood("tiny chunks in TLS", by="https"),
        Flood("interim answers in TLS", "protocol", by="https"),
    ),
    "proxies and tunnels": (
        Flood("head", "proxy", by="http proxy"),
        Flood("interim answers", "proxy", by="http proxy"),
        Flood("refusal in tiny chunks", "proxy", by="http proxy"),
        Flood("HelloRequest", by="https proxy"),
        Flood("tunnel to HelloRequest", by="http proxy"),
        Flood("tunnel to HelloRequest in TLS", by="https proxy"),
    ),
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return server_certificate(
        make_ca(tmp_path_factory.mktemp("ca")), tmp_path_factory.mktemp("pair")
    )


def configure(directory: Path, web: Nginx, *jobs: str) -> None:
    """Write a job that is sent to nginx, and others."""
    (directory / "file").write_bytes(random.Random(7).randbytes(1024))
    healthy = f'url: "{web.url}/{directory.name}/{{uuid}}", method: PUT, rate: {RATE}/s'
    lines = [f"  flooded{number}: {{{job}}}" for number, job in enumerate(jobs)]
    (directory / "jobs.yaml").write_text(
        f"""
run: {{duration: {SECONDS}s, graceful_stop: 5s, results: r.jsonl, summary: s.json}}
defaults: {{files: file}}
jobs:
  healthy: {{{healthy}}}
"""
        + "\n".join(lines)
    )


@contextmanager
def flooded(directory: Path, web: Nginx, pair: Pair, *floods: Flood) -> Iterator[None]:
    """Run the servers, and write the jobs."""
    with ExitStack() as stack:
        jobs = []
        for number, flood in enumerate(floods):
            home = directory / str(number)
            home.mkdir()
            (home / "sent").write_bytes(bytes(flood.size))
            port = stack.enter_context(flooding(home, flood.kind, pair))
            jobs.append(f"{flood.job(port)}, files: {number}/sent")
        configure(directory, web, *jobs)
        yield


def peak(process: subprocess.Popen[str]) -> int:
    """Return the most bytes of memory that a process has held, as it ends."""
    most = 0
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
        most = max([most, *(int(line.split()[1]) * 1024 for line in lines)])
        time.sleep(0.05)
    return most


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory, web: Nginx) -> int:
    """Return the memory of the run without the flood."""
    directory = tmp_path_factory.mktemp("usual")
    configure(directory, web)
    process = start("-q", "-c", "jobs.yaml", cwd=directory)
    most = peak(process)
    assert end(process).status == 0
    return most


def check_the_healthy_job(directory: Path, web: Nginx, scheduled: int = SECONDS * RATE) -> None:
    healthy = figures(directory / "s.json")["jobs"]["healthy"]
    assert healthy["scheduled"] == scheduled
    assert healthy["ok"] == healthy["scheduled"], healthy["errors"]
    assert healthy["lateness"]["max"] < 1
    stored = inventory(web.directory / "files" / directory.name)
    accepted = {line["uuid"] for line in results(directory / "r.jsonl") if line["job"] == "healthy"}
    assert set(stored) == accepted
    assert set(stored.values()) == {inventory(directory)["file"]}


@pytest.mark.parametrize("kind", FLOODS)
def test_floods_delay_no_other_job_and_end_in_time(
    tmp_path: Path, web: Nginx, pair: Pair, usual: int, kind: str
) -> None:
    floods = FLOODS[kind]
    with flooded(tmp_path, web, pair, *floods):
        process = start("-q", "-c", "jobs.yaml", cwd=tmp_path)
        most = peak(process)
        done = end(process, timeout=1)
    assert done.status == 0, done.err
    check_the_healthy_job(tmp_path, web)
    lines = results(tmp_path / "r.jsonl")
    for number, flood in enumerate(floods):
        mine = [line for line in lines if line["job"] == f"flooded{number}"]
        kinds = Counter(line["error"] for line in mine)
        assert set(kinds) <= {flood.ends, "timeout"}, flood
        assert sum(kinds.values()) == SECONDS * FLOODED, flood
        assert max(line["end"] - line["start"] for line in mine) < 3, flood
        assert max(len(line["detail"]) for line in mine) <= 1000, flood
    assert most - usual < 64 * MIB


@pytest.mark.parametrize("flood", [Flood("tiny chunks"), Flood("HelloRequest", by="https")])
def test_two_signals_end_a_run_that_is_flooded(
    tmp_path: Path, web: Nginx, pair: Pair, flood: Flood
) -> None:
    with flooded(tmp_path, web, pair, flood):
        process = start("-q", "-c", "jobs.yaml", "--timeout", "60s", cwd=tmp_path)
        time.sleep(2.5)
        done, seconds = cut(process, timeout=PATIENCE)
    assert seconds < 5
    assert done.status == 130, done.err
    figures_of = figures(tmp_path / "s.json")["jobs"]["flooded0"]
    assert figures_of["cancelled"] + figures_of["failed"] == figures_of["scheduled"] > 0
