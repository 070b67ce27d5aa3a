"""The only source of time, a parameter wherever time is needed, so that tests bring their own."""

from __future__ import annotations

import time
from typing import Union

import gevent
from gevent.event import Event

from .lag import LoopLag
from .timerfd import Alarm

SECOND = 1_000_000_000
"""One second in the unit of every clock reading here: integer nanoseconds."""

Waitable = Union[Event, gevent.Greenlet]
"""Something that happens once: an event that is set, or a greenlet that ends."""


_TURNS = 10
"""Turns of the loop that handle all ready sockets, and greenlets that wait for these: libev takes
64 sockets in the first turn, and more in each further one."""

_READINGS = 3
"""Of both clocks, of which the closest ones count."""


def let_others_run() -> None:
    """Give every other greenlet that is ready now a turn; see run_loop_once for the loop."""
    gevent.sleep(0)


def run_loop_once() -> None:
    """Run the loop once: its timers and sockets, and every greenlet that is ready.

    For code that computes or reads without ever waiting. After gevent.sleep(0) the loop may go
    through fifty such turns before it handles timers and sockets.
    """
    gevent.sleep(1e-6)


class Clock:
    """The machine's clocks in integer nanoseconds; sleeping lets other greenlets run."""

    def __init__(self) -> None:
        self.lag = LoopLag()
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

    def utc_offset(self) -> int:
        """Return the difference of `utc()` and `now()`, read at the same time.

        A process may be interrupted between two readings: of some the closest ones count.
        """
        readings = ((self.now(), self.utc(), self.now()) for _ in range(_READINGS))
        before, utc, after = min(readings, key=lambda reading: reading[2] - reading[0])
        return utc - (before + after) // 2

    def sleep_until(self, deadline: int) -> None:
        """Return once `now()` has reached `deadline`; if it has passed, let others run first."""
        if deadline <= self.now():
            let_others_run()
        while (left := deadline - self.now()) > 0:
            try:
                self._alarm.wait(deadline)
            except OSError:
                gevent.sleep(left / SECOND)

    def read_what_is_ready(self) -> None:
        """Let the loop handle all that is ready, before a deadline that has passed takes effect.

        In the loop timers come before sockets, so an answer that arrived in time may be unread. For
        a second after a pause of the loop others run, so that what was under way catches up.
        """
        for _ in range(_TURNS):
            run_loop_once()
        while (until := self.lag.grace_ends) > self.now():
            self.sleep_until(until)

    def wait(self, event: Waitable, until: int) -> bool:
        """Return as soon as `event` happens, or once `now()` has reached `until`; True if it has.

        An event that has happened already does not let others run first.
        """
        if event.ready():
            return True
        asleep = gevent.spawn(self._sleep_and_read, until)
        try:
            gevent.wait([asleep, event], count=1)
        finally:
            asleep.kill()
        return bool(event.ready())

    def _sleep_and_read(self, until: int) -> None:
        self.sleep_until(until)
        self.read_what_is_ready()
