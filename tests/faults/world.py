"""The environment of a case: servers, proxy, files, and fthg as a process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Optional

import yaml

from tests.waiting import send

from . import vitals
from .case import Case
from .observed import NEIGHBOUR, TARGET, Line, whole_lines
from .proxy import Proxy, proxy
from .servers import Server, make_server, quiet_port
from .vitals import Vitals

SIZES = (0, 700, 3_000, 20_000, 60_000, 100_000, 150_000, 200_000)
"""The sizes in bytes of the files that are sent in turn."""

_USUAL = {"rate": "20/s", "timeout": "3s", "connect_timeout": "2s"}
_BY_MODEL = {"open": {"max_in_flight": 32}, "closed": {"senders": 4}}
_TIMEOUT = 30.0


class World:
    """All that an event may change; `configuration` and the fields after it before fthg starts."""

    tree = Path(__file__).parents[2]  # the working tree whose fthg is run

    def __init__(
        self, case: Case, directory: Path, target: Server, other: Server, front: Optional[Proxy]
    ) -> None:
        self.case = case
        self.directory = directory
        self.target = target  # of the job that the fault affects
        self.other = other  # of the neighbour
        self._proxy = front
        self.files = directory / "files"
        self.results = directory / "results.jsonl"
        self.summary = directory / "summary.json"
        self.log = directory / "fthg.log"
        self.said = directory / "stderr"
        self.configuration = self._configuration()
        self.prefix: list[str] = []  # words before the command, such as prlimit --nofile=64
        self.arguments: list[str] = []  # options after the configuration
        self.streams: dict[str, int] = {}  # stdin, stdout and stderr, where they are not the usual
        self.environment: dict[str, str] = {}
        self._process: Optional[subprocess.Popen[bytes]] = None

    @property
    def proxy(self) -> Proxy:
        """Return the proxy of the target; only if the case is proxied."""
        assert self._proxy is not None
        return self._proxy

    @property
    def pid(self) -> int:
        """Return the process id of fthg."""
        assert self._process is not None
        return self._process.pid

    def _configuration(self) -> dict[str, Any]:
        case = self.case
        port = self._proxy.port if self._proxy is not None else self.target.port
        both = {**_USUAL, "files": str(self.files)}
        mine = {**both, **self.target.keys(port), **_BY_MODEL[case.model], "model": case.model}
        neighbour = {**both, **self.other.keys(self.other.port), "rate": "10/s"}
        return {
            "run": {
                "results": str(self.results),
                "summary": str(self.summary),
                "status_interval": "1s",
                "graceful_stop": "6s",
                "workers": case.workers,
            },
            "logging": {"file": {"path": str(self.log), "level": "info", "format": "json"}},
            "jobs": {TARGET: {**mine, **case.keys}, NEIGHBOUR: neighbour},
        }

    # --- fthg

    def start(self) -> None:
        """Start fthg."""
        path = self.directory / "jobs.yaml"
        path.write_text(yaml.safe_dump(self.configuration, sort_keys=False))
        inherited = {name: text for name, text in os.environ.items() if name[:4] != "FTHG"}
        command = [*self.prefix, sys.executable, "-m", "fthg", "-c", str(path), *self.arguments]
        with self.said.open("wb") as said:
            usual = {"stdin": subprocess.DEVNULL, "stdout": said.fileno(), "stderr": said.fileno()}
            streams: dict[str, Any] = {**usual, **self.streams}
            self._process = subprocess.Popen(
                command, **streams, env={**inherited, **self.environment}, cwd=str(self.tree)
            )

    def interrupt(self) -> None:
        """Press Ctrl-C twice: the second time, fthg must end within five seconds."""
        for pause in (0.5, 0):
            if self._process and self._process.poll() is None:
                send(self._process, signal.SIGINT)
            time.sleep(pause)

    def stop(self, timeout: float = _TIMEOUT) -> Optional[int]:
        """End fthg as systemd does; return its exit status, None if it had to be killed."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout: float) -> Optional[int]:
        """Wait for the end of fthg; return its exit status, None if it had to be killed."""
        process = self._process
        if process is None:
            return None
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
        with suppress(subprocess.TimeoutExpired):  # its files are on a disk that still hangs
            process.wait(3)
        return None

    def vitals(self) -> Vitals:
        """Return the present vitals of fthg."""
        return vitals.read(self.pid, self.log)

    # --- results

    def lines(self) -> Iterator[Line]:
        """Yield the results so far."""
        if self.results.exists():
            yield from whole_lines(self.results)

    def successes(self, job: str, since: float = 0) -> int:
        """Return the number of a job's successes since a time (Unix seconds)."""
        return sum(
            line["outcome"] == "ok" and line["job"] == job and line["end"] >= since
            for line in self.lines()
        )

    def until(self, condition: Callable[[], bool], timeout: float = _TIMEOUT) -> bool:
        """Wait for a condition; return False if it times out or fthg ends."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                return False
            time.sleep(0.1)
        return True


@contextmanager
def world(case: Case, directory: Path) -> Iterator[World]:
    """Start servers and make files for the length of a block; fthg is not started yet."""
    with ExitStack() as stack:
        target = (case.target or partial(make_server, case.protocol))(directory / TARGET)
        other = make_server(case.protocol, directory / NEIGHBOUR)
        for server in (target, other):
            stack.callback(server.stop)
            server.start()
        front = None
        if case.proxied:
            front = stack.enter_context(proxy(quiet_port(), target.port))
        _make_files(directory / "files")
        there = World(case, directory, target, other, front)
        stack.callback(there.stop)
        yield there


def _make_files(directory: Path) -> None:
    dice = random.Random(7)
    directory.mkdir()
    for size in SIZES:
        (directory / f"{size}.bin").write_bytes(bytes(dice.getrandbits(8) for _ in range(size)))
