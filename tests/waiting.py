"""Waiting in tests for what other greenlets, threads and processes do."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import gevent


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Return once `holds()` is true; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true"
        gevent.sleep(0.02)


def until_written(path: Path) -> None:
    """Return once a file exists and is not empty."""
    until(lambda: path.exists() and path.stat().st_size)


def until_ended(pid: int, seconds: float = 30) -> None:
    """Return once a process has ended, whether its parent has asked for its status or not."""
    until(lambda: _has_ended(pid), seconds)


def send(process: subprocess.Popen[Any], number: signal.Signals) -> None:
    """Send a signal, and return once the process has it: of two that wait the kernel drops one."""
    process.send_signal(number)
    until(lambda: not _awaits(process.pid, number))


def _awaits(pid: int, number: signal.Signals) -> bool:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return False
    masks = [line.split()[1] for line in lines if line.startswith(("SigPnd:", "ShdPnd:"))]
    return any(int(mask, 16) >> (number - 1) & 1 for mask in masks)


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
