"""Waiting in tests for what other greenlets, threads and processes do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable

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


def _has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
