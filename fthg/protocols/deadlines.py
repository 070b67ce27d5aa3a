"""Ends blocks that take too long, after reading what was ready when the time was up."""

from __future__ import annotations

from typing import Any, Optional

import gevent

from ..clock import SECOND, Clock
from ..peer import Peer


class TimeUpError(BaseException):
    """Raised in the greenlet whose time is up; no `except Exception` may swallow it.

    `peer` is the connection that was being made.
    """

    peer: Optional[Peer] = None


class TimeLimit(BaseException):
    """A block with a time limit in seconds; it raises itself, or `error`, once it is exceeded."""

    def __init__(self, seconds: float, clock: Clock, error: Optional[BaseException] = None) -> None:
        super().__init__(f"not done within {seconds:g}s")
        self._seconds = seconds
        self._clock = clock
        self._error = error or self
        self._inside: Any = None  # the greenlet
        self._waiting: Any = None

    def __enter__(self) -> TimeLimit:
        self._inside = gevent.getcurrent()
        self._waiting = gevent.spawn_later(self._seconds, self._clock.read_what_is_ready)
        self._waiting.rawlink(self._strike)
        return self

    def __exit__(self, *_: object) -> None:
        self._inside = None
        self._waiting.kill(block=False)

    def _strike(self, _: object) -> None:
        if self._inside is not None:
            self._inside.throw(self._error)


class Deadlines:
    """A block with one time limit for each greenlet in it; TimeUpError ends those that exceed it.

    A TimeLimit for each transfer would start and stop a timer of the loop each time: this has one
    for all, because all have the same time.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._span = round(seconds * SECOND)
        self._clock = clock
        self._ends: dict[gevent.Greenlet, int] = {}  # soonest first: all have the same span
        self._timer: Any = None  # it runs, or what is ready is being read

    def __enter__(self) -> None:
        self._ends[gevent.getcurrent()] = self._clock.now() + self._span
        if self._timer is None:
            self._start_timer()

    def __exit__(self, *_: object) -> None:
        self._ends.pop(gevent.getcurrent(), None)

    def _start_timer(self) -> None:
        first = next(iter(self._ends.values()))
        left = max(0, first - self._clock.now()) / SECOND
        self._timer = gevent.get_hub().loop.timer(left, ref=False)
        self._timer.start(self._on_timer)

    def _on_timer(self) -> None:
        self._timer.close()
        passed = self._clock.now()
        gevent.spawn(self._clock.read_what_is_ready).rawlink(lambda _: self._strike(passed))

    def _strike(self, passed: int) -> None:
        self._timer = None
        for greenlet, end in list(self._ends.items()):
            if end > passed:
                break
            if self._ends.get(greenlet) == end:
                del self._ends[greenlet]
                greenlet.throw(TimeUpError())
        if self._ends and self._timer is None:
            self._start_timer()
