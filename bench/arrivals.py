"""Waits for the first transfer of a program."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

_TIMEOUT = 120.0


def has_sent(
    process: subprocess.Popen[bytes], count: Callable[[], float], before: float, timeout: float
) -> bool:
    """Return True once the server has had a transfer more than before; False if it never has."""
    deadline = time.monotonic() + timeout
    while count() - before < 1:
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def await_first(
    process: subprocess.Popen[bytes], count: Callable[[], float], before: float
) -> None:
    """Return when the server has had a transfer more than before; raise if it never has."""
    if not has_sent(process, count, before, _TIMEOUT):
        raise RuntimeError(f"nothing was sent by {process.args!r}")
