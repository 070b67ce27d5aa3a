"""When time is up for a transfer: one timer for all of a job, as all have the same time."""

from __future__ import annotations

from typing import Any

import gevent

from ..clock import SECOND, Clock


class TimeUpError(BaseException):
    """Raised in the greenlet whose time is up; no `except Exception` may take it for its own."""


class Deadlines:
    """A block within which each greenlet may spend so many seconds, then TimeUpError strikes it.

    A gevent.Timeout a transfer would start and stop a timer of the loop for each of them.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._span = round(seconds * SECOND)
        self._clock = clock
        self._ends: dict[gevent.Greenlet, int] = {}  # soonest first, as all have the same span
        self._timer: Any = None

    def __enter__(self) -> None:
        self._ends[gevent.getcurrent()] = self._clock.now() + self._span
        if self._timer is None:
            self._await_first()

    def __exit__(self, *_: object) -> None:
        self._ends.pop(gevent.getcurrent(), None)

    def _await_first(self) -> None:
        first = next(iter(self._ends.values()))
        left = max(0, first - self._clock.now()) / SECOND
        self._timer = gevent.get_hub().loop.timer(left, ref=False)
        self._timer.start(self._strike)

    def _strike(self) -> None:
        self._timer.close()
        self._timer = None
        now = self._clock.now()
        for greenlet, end in list(self._ends.items()):
            if end > now:
                break
            if self._ends.pop(greenlet, None):
                greenlet.throw(TimeUpError())
        if self._ends and self._timer is None:
            self._await_first()
