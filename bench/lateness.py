"""The lateness of an open model's requests at the server."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Optional

from tests.servers import free_port

from .machine import SERVER, client
from .tools import Task, Tool

_ROOT = Path(__file__).parent.parent
_TIMEOUT = 30  # seconds, after the last request is due


class Late(NamedTuple):
    """Milliseconds behind the schedule at the server, and the number of missing requests."""

    p50: float
    p99: float
    worst: float
    dropped: int


def measure(tool: Tool, files: Path, directory: Path, rate: int, seconds: int) -> Optional[Late]:
    """Send at a rate and measure the arrival of each request; None if none arrived."""
    port = free_port()
    task = Task(files, f"http://127.0.0.1:{port}/", rate=rate, seconds=seconds)
    command = tool(task, directory)
    sink = subprocess.Popen(
        ["taskset", "-c", str(SERVER), sys.executable, "-m", "bench.sink", str(port)],
        stdout=subprocess.PIPE,
        cwd=_ROOT,
    )
    try:
        time.sleep(0.5)
        with (
            client(command.words, directory, command.env) as process,
            suppress(subprocess.TimeoutExpired),  # what did not arrive is missing
        ):
            process.wait(seconds + _TIMEOUT)
    finally:
        sink.terminate()
        arrivals, _ = sink.communicate()
    return _late(json.loads(arrivals), rate, rate * seconds)


def _late(arrivals: list[tuple[int, int]], rate: int, wanted: int) -> Optional[Late]:
    """Return the lateness, by a schedule whose most punctual request is on time."""
    arrivals = [(seq, when) for seq, when in arrivals if seq < wanted]
    if not arrivals:
        return None
    behind = sorted(when - seq * 1_000_000_000 // rate for seq, when in arrivals)
    p50, p99, worst = (
        (behind[min(len(behind) - 1, len(behind) * percent // 100)] - behind[0]) / 1e6
        for percent in (50, 99, 100)
    )
    return Late(p50, p99, worst, wanted - len(arrivals))
