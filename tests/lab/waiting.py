from __future__ import annotations

import time
from typing import Callable

import gevent


def until(true: Callable[[], object], timeout: float = 20) -> None:
    """Return once `true()` returns True; fail after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        gevent.sleep(0.02)
