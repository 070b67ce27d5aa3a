"""A clock that moves only when a test advances it, a condition, and another thread."""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent
from gevent import monkey
from gevent.event import Event

from fthg.clock import SECOND, Clock


class FakeClock(Clock):
    """A clock whose time passes only in `advance`; sleepers wake when their deadline has passed."""

    def __init__(self) -> None:
        self._now = 1_000 * SECOND
        self._moved = Event()

    def now(self) -> int:
        return self._now

    def sleep_until(self, deadline: int) -> None:
        while self._now < deadline:
            self._moved.wait()

    def advance(self, seconds: float) -> None:
        gevent.sleep(0)  # greenlets that were just started fall asleep
        self._now += round(seconds * SECOND)
        moved, self._moved = self._moved, Event()
        moved.set()
        gevent.sleep(0)
        gevent.sleep(0)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until the condition is true, or `seconds` have passed; return whether it is."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        gevent.sleep(0.01)
    return True


def elsewhere(act: Callable[[], object]) -> None:
    """Do something in a native thread, while the hub of this one has no turn."""
    ended = monkey.get_original("_thread", "allocate_lock")()
    ended.acquire()

    def run() -> None:
        try:
            act()
        finally:
            ended.release()

    monkey.get_original("_thread", "start_new_thread")(run, ())
    assert ended.acquire(timeout=20)
