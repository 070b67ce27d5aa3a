from __future__ import annotations

import time
from typing import Callable

import gevent


def until(true: Callable[[], object], patience: float = 20) -> None:
    """Return once `true()` is; fail after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        gevent.sleep(0.02)
