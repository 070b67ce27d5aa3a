"""The only source of time, handed in wherever time is needed, so that tests can bring their own."""

from __future__ import annotations

import time

import gevent

from .timerfd import Alarm

SECOND = 1_000_000_000
"""One second in the unit of every clock reading here: integer nanoseconds."""


class Clock:
    """The machine's clocks in integer nanoseconds; sleeping lets other greenlets run."""

    def __init__(self) -> None:
        self._alarm = Alarm()
        # Read many times for every transfer: without a call around the call.
        self.now = time.monotonic_ns  # type: ignore[method-assign]
        self.utc = time.time_ns  # type: ignore[method-assign]

    def now(self) -> int:
        """Nanoseconds of a clock that only moves forward, for due times and durations."""
        return time.monotonic_ns()

    def utc(self) -> int:
        """Nanoseconds since 1970-01-01 UTC, for people, logs and databases."""
        return time.time_ns()

    def sleep_until(self, deadline: int) -> None:
        """Return once `now()` has reached `deadline`; if it has passed, let others run first."""
        if deadline <= self.now():
            gevent.sleep(0)
        while (left := deadline - self.now()) > 0:
            try:
                self._alarm.wait(deadline)
            except OSError:
                gevent.sleep(left / SECOND)
