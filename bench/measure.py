"""Measures a tool from outside, while it runs: what reached the server, and what that cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Optional

from .machine import client, cpu, peak
from .tools import Command

_PATIENCE = 15.0


class Taken(NamedTuple):
    """One round of one tool."""

    rate: float  # transfers a second
    cost: float  # CPU seconds a transfer
    peak: float  # bytes
    server: float  # how busy the server's core was, from 0 to 1


def measure(
    command: Command,
    cwd: Path,
    count: Callable[[], float],
    server: int,
    warm: float,
    seconds: float,
) -> Optional[Taken]:
    """Run the command for `warm`, then for `seconds` that count; None if nothing arrived.

    `count` tells how many transfers the server has had, `server` is its process.
    """
    with client(command.words, cwd, command.env) as process:
        before, deadline = count(), time.monotonic() + _PATIENCE
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
