"""The standstills of one process: their causes, and the arrivals sent or dropped after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Optional

import gevent

from ..clock import SECOND, Clock
from ..lag import Pause
from ..log import Log
from ..standstill import LISTED, Standstill, joined
from ..text import iso_millis
from ..transfer import Result

_log = Log(__name__)

STOOD_STILL = "fthg stood still"
"""The detail of arrivals that were dropped for a standstill."""

AFTER = f" after {STOOD_STILL}"
"""The end of the detail where too many were in flight right after one."""

_CATCHING_UP = SECOND // 10


def pause_of_overdue(due: int, clock: Clock) -> Optional[Pause]:
    """Return the pause in which an arrival fell due that is late by a second or more, else None.

    Those that are less late are started in any case.
    """
    return clock.lag.pause_at(due) if clock.now() - due >= SECOND else None


def is_caught_up(due: int, following: Optional[int], end: int) -> bool:
    """Return True if an arrival that fell due in a standstill is sent after it, not dropped.

    So it is with the newest second's worth, and with the last of them in any case; `following` is
    when the next arrival is due, None if there is none, and `end` that of the standstill.
    """
    return due > end - SECOND or following is None or following > end


def cause(pause: Pause, continued: bool) -> str:
    """Return the cause of a pause as far as it is known; `continued`: a SIGCONT ended it."""
    before, after = pause
    most = pause.length / 2
    if (after.boot - before.boot) - (after.now - before.now) > most:
        return "the host was suspended"
    if continued:
        return "the process was stopped (SIGSTOP or Ctrl-Z)"
    if None not in (before.waited, after.waited) and _grew(before.waited, after.waited) > most:
        return "no CPU of this host was free for fthg"
    if after.collecting - before.collecting > most:
        return "garbage collection of fthg itself"
    if after.cpu - before.cpu > most:
        return "fthg itself was busy computing"
    return "unknown: fthg was frozen, or blocked by a disk"


def _grew(before: Optional[int], after: Optional[int]) -> int:
    return (after or 0) - (before or 0)


def log_standstill(standstill: Standstill, clock: Clock, event: str = STOOD_STILL) -> None:
    """Log a standstill that is over."""
    start = clock.utc_offset() + standstill.start
    _log.warning(
        event,
        start=iso_millis(start),
        seconds=round(standstill.length / SECOND, 3),
        dropped=standstill.dropped,
        cause=standstill.cause,
    )


class Standstills:
    """Takes the pauses of the loop; each is a standstill once its overdue arrivals are dispatched.

    `overdue` returns True while arrivals that fell due up to a moment are not dispatched yet;
    `report` takes each standstill once it is complete.
    """

    def __init__(
        self,
        clock: Clock,
        overdue: Callable[[int], bool],
        report: Callable[[Standstill], object],
    ) -> None:
        self._clock = clock
        self._overdue = overdue
        self._report = report
        self._dropped: Counter[Pause] = Counter()
        self._open: list[Pause] = []
        self.found: list[Standstill] = []

    def start(self) -> None:
        """Start measuring."""
        self._clock.lag.start(self._on_pause)

    def stop(self) -> None:
        """Stop measuring, and report the rest: no arrival is dispatched any more."""
        self._clock.lag.stop()
        for pause in tuple(self._open):
            self._close(pause)

    def count(self, result: Result) -> None:
        """Count a dropped arrival for the standstill in which it fell due."""
        if result.detail == STOOD_STILL:
            pause = self._clock.lag.pause_at(result.due)
            if pause is not None:
                self._dropped[pause] += 1

    def _on_pause(self, pause: Pause) -> None:
        self._open.append(pause)
        gevent.spawn(self._await_catching_up, pause)

    def _await_catching_up(self, pause: Pause) -> None:
        self._clock.sleep_until(self._clock.now() + _CATCHING_UP)
        while self._overdue(pause.end):
            self._clock.sleep_until(self._clock.now() + _CATCHING_UP)
        self._close(pause)

    def _close(self, pause: Pause) -> None:
        if pause not in self._open:
            return
        self._open.remove(pause)
        why = cause(pause, self._clock.lag.continued_at(pause))
        standstill = Standstill(pause.start, pause.length, self._dropped.pop(pause, 0), why)
        self.found.append(standstill)
        if len(self.found) > LISTED:
            self.found[:] = joined(self.found)
        self._report(standstill)
