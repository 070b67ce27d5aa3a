"""Waits for the first transfer of a program."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

_TIMEOUT = 120.0


def await_first(
    process: subprocess.Popen[bytes], count: Callable[[], float], before: float
) -> None:
    """Return when the server has had more transfers than before; raise if it never has."""
    deadline = time.monotonic() + _TIMEOUT
    while count() <= before:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"nothing was sent by {process.args!r}")
        time.sleep(0.02)
