"""SSH servers that never stop talking: they cost their own transfers, and nobody else's."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.servers import ssh_flood
from tests.servers.nginx import Nginx
from tests.waiting import until_written

from .program import cut, delay, end, figures, results, start

RATE, SECONDS = 100, 3
MOST_MEMORY = 200 * 1024  # KiB; fthg itself takes about 80 MB

FLOODS = {
    "before keys": {
        "raw-ignore": "connect_timeout",
        "raw-debug": "connect_timeout",
        "raw-long-debug": "connect_timeout",
    },
    "before SFTP": {
        "login-ignore": "connect_timeout",
        "login-banner": "connect_timeout",
        "login-prompts": "protocol",
        "login-extensions": "protocol",
        "beyond-window": "protocol",
    },
    "remarks": {
        "ignore": "timeout",
        "debug": "timeout",
        "long-debug": "timeout",
        "unimplemented": "timeout",
    },
    "requests": {
        "keepalive": "timeout",
        "deaf-keepalive": "timeout",
        "channel-request": "timeout",
        "window": "timeout",
    },
    "data": {
        "stderr": "timeout or protocol",  # as fast as it is read, or faster
        "polite-stderr": "timeout",
        "half-packet": "timeout",
        "unasked": "protocol",
        "extensions": "protocol",
    },
    "jump hosts": {
        "raw-ignore": "connect_timeout",
        "login-ignore": "connect_timeout",
        "tunnel": "protocol",
        "through-tunnel": "connect_timeout",
    },
}
"""Group → flood → the kinds of failures that it causes."""


def peak(pid: int) -> int:
    """Return the most memory that a process had, in KiB; 0 if it has ended."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return 0


@contextlib.contextmanager
def flooding(directory: Path, names: Iterable[str], *, jump: bool = False) -> Iterator[list[str]]:
    """Run the servers; yield a job for each, or one for which each is the jump host."""
    with contextlib.ExitStack() as stack:
        jobs = []
        for name in names:
            home = directory / name
            home.mkdir()
            server = stack.enter_context(ssh_flood.flooding(home, name))
            login = "password: secret" if name == "login-prompts" else f"key: {server.key}"
            known = f"known_hosts: {server.known_hosts}"
            limits = "rate: 5/s, timeout: 1500ms, connect_timeout: 1s"
            target = f"url: {server.url()}"
            if jump:
                target = f"url: sftp://behind.invalid/in, jump: '127.0.0.1:{server.port}'"
            jobs.append(f"{name}: {{{target}, {login}, {known}, files: file, {limits}}}")
        yield jobs


def configure(directory: Path, web: Nginx, jobs: Iterable[str]) -> None:
    (directory / "file").write_bytes(b"content of a file\n" * 50)
    url = f"{web.url}/{directory.name}/{{uuid}}"
    healthy = f'healthy: {{url: "{url}", method: PUT, files: file, rate: {RATE}/s}}'
    run = f"run: {{duration: {SECONDS}s, graceful_stop: 3s, results: r.jsonl, summary: s.json}}"
    text = "\n  ".join([run + "\njobs:", healthy, *jobs])
    (directory / "jobs.yaml").write_text(text)


@pytest.mark.parametrize("group", FLOODS)
def test_floods_cost_their_own_transfers_only(tmp_path: Path, web: Nginx, group: str) -> None:
    with flooding(tmp_path, FLOODS[group], jump=group == "jump hosts") as jobs:
        configure(tmp_path, web, jobs)
        process, most, late = start("-c", "jobs.yaml", cwd=tmp_path), 0, 0.0
        limit = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < limit:
            most = max(most, peak(process.pid))
            late = max(late, delay(process.pid))
            time.sleep(0.1)
        done = end(process, 1)
    assert done.status == 0, done.err
    lines = results(tmp_path / "r.jsonl")
    healthy = [line for line in lines if line["job"] == "healthy"]
    assert Counter(line["outcome"] for line in healthy) == {"ok": RATE * SECONDS}
    assert max(line["start"] - line["due"] for line in healthy) < 1
    stored = web.directory / "files" / tmp_path.name
    assert {path.name for path in stored.iterdir()} == {line["uuid"] for line in healthy}
    flooded = [line for line in lines if line["job"] != "healthy"]
    assert {line["job"] for line in flooded} == set(FLOODS[group])
    for line in flooded:
        assert line["error"] in FLOODS[group][line["job"]].split(" or "), line
    assert max(line["end"] - line["start"] for line in flooded) < 2.5 + late
    assert max(len(line["detail"]) for line in flooded) <= 1000
    assert most < MOST_MEMORY


@pytest.mark.parametrize(
    ("name", "jump"), [("raw-ignore", False), ("deaf-keepalive", False), ("through-tunnel", True)]
)
def test_two_signals_end_a_run_that_is_flooded(
    tmp_path: Path, web: Nginx, name: str, jump: bool
) -> None:
    with flooding(tmp_path, [name], jump=jump) as jobs:
        configure(tmp_path, web, jobs)
        forever = [f"jobs.{name}.{key}=1h" for key in ("timeout", "connect_timeout")]
        words = [word for setting in forever for word in ("--set", setting)]
        process = start("-c", "jobs.yaml", "--duration", "1h", *words, cwd=tmp_path)
        until_written(tmp_path / "r.jsonl")
        time.sleep(2)
        done, seconds = cut(process, timeout=20)
        assert seconds < 5
    assert done.status == 130
    total = figures(tmp_path / "s.json")["total"]
    outcomes = ("ok", "failed", "dropped", "cancelled")
    assert total["scheduled"] == sum(total[outcome] for outcome in outcomes)
    assert total["scheduled"] == len(results(tmp_path / "r.jsonl"))
