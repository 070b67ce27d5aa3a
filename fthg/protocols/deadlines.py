"""Ends transfers whose time is up, with one timer a job, as all have the same time."""

from __future__ import annotations

from typing import Any

import gevent

from ..clock import SECOND, Clock


class TimeUpError(BaseException):
    """Raised in the greenlet whose time is up; no `except Exception` may swallow it."""


class Deadlines:
    """A block in which each greenlet may spend so many seconds; TimeUpError then ends it.

    A gevent.Timeout for each transfer would start and stop a timer of the loop each time.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._span = round(seconds * SECOND)
        self._clock = clock
        self._ends: dict[gevent.Greenlet, int] = {}  # soonest first, as all have the same span
        self._timer: Any = None

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
        self._timer = None
        now = self._clock.now()
        for greenlet, end in list(self._ends.items()):
            if end > now:
                break
            if self._ends.pop(greenlet, None):
                greenlet.throw(TimeUpError())
        if self._ends and self._timer is None:
            self._start_timer()
