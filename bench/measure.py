"""Measures a tool from outside while it runs: transfers at the server, CPU and memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Optional

from .arrivals import has_sent
from .machine import client, cpu, memory, peak
from .tools import Command

_START_TIMEOUT = 15.0
_POLL = 0.01
_TURNS = 10  # polls between two looks at the memory, which take longer


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
        if not has_sent(process, count, count(), _START_TIMEOUT):
            return None
        time.sleep(warm)
        first = _read(count, process.pid, server)
        time.sleep(seconds)
        last = _read(count, process.pid, server)
        high = peak(process.pid)
        if process.poll() is not None:
            return None
    took, done, used, served = (after - then for after, then in zip(last, first))
    return Taken(done / took, used / done, high, served / took) if done else None


class Whole(NamedTuple):
    """A run of a program from its start to its exit."""

    seconds: float
    cpu: float  # seconds
    peak: float  # bytes
    status: int


def wait(process: subprocess.Popen[bytes]) -> Whole:
    """Wait until a program that was just started has ended."""
    began, high, turn = time.monotonic(), 0, 0
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if turn % _TURNS == 0:
            high = max(high, memory(process.pid))
        turn += 1
        time.sleep(_POLL)
    process.returncode = os.waitstatus_to_exitcode(status)
    spent = used.ru_utime + used.ru_stime
    return Whole(time.monotonic() - began, spent, high, process.returncode)


def measure_whole(
    command: Command, cwd: Path, count: Callable[[], float], server: int, files: int
) -> Optional[Taken]:
    """Run the command, which sends so many files, to its end; None if some did not arrive."""
    before, served, began = count(), cpu(server), time.monotonic()
    with client(command.words, cwd, command.env) as process:
        run = wait(process)
    busy = (cpu(server) - served) / (time.monotonic() - began)
    if count() - before < files:
        return None
    return Taken(files / run.seconds, run.cpu / files, run.peak, busy)


def _read(count: Callable[[], float], pid: int, server: int) -> tuple[float, float, float, float]:
    return time.monotonic(), count(), cpu(pid), cpu(server)
