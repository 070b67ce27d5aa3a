"""Measures a tool from outside while it runs: transfers at the server, CPU and memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Optional

from .machine import client, cpu, peak
from .tools import Command

_START_TIMEOUT = 15.0


class Taken(NamedTuple):
    """One round of one tool."""

    rate: float  # transfers per second
    cost: float  # CPU seconds per transfer
    peak: float  # bytes
    server: float  # load of the server's core, from 0 to 1


def measure(
    command: Command,
    cwd: Path,
    count: Callable[[], float],
    server: int,
    warm: float,
    seconds: float,
) -> Optional[Taken]:
    """Run the command for `warm`, then measure `seconds`; None if nothing arrived.

    `count` returns the server's number of transfers, `server` is its process.
    """
    with client(command.words, cwd, command.env) as process:
        before, deadline = count(), time.monotonic() + _START_TIMEOUT
        while count() - before < 1:
            if process.poll() is not None or time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        time.sleep(warm)
        first = _read(count, process.pid, server)
        time.sleep(seconds)
        last = _read(count, process.pid, server)
        high = peak(process.pid)
        if process.poll() is not None:
            return None
    took, done, used, served = (after - then for after, then in zip(last, first))
    return Taken(done / took, used / done, high, served / took) if done else None


def _read(count: Callable[[], float], pid: int, server: int) -> tuple[float, float, float, float]:
    return time.monotonic(), count(), cpu(pid), cpu(server)
