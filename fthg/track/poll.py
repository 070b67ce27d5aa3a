"""One poll: both databases read into the ledger, as far as they may have changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Optional

import gevent
from gevent.event import Event

from ..clock import SECOND as NANOSECONDS
from ..clock import Clock
from .aside import aside
from .ledger import OTHER, Ledger
from .live import Live
from .plan import SIDES, TrackPlan
from .reading import Reader
from .sent import SentReader, missing
from .tracked import SECOND
from .uuids import Key

STOP_TIMEOUT = 2 * NANOSECONDS
"""Time for which a stop waits for the end of a poll that could be abandoned."""


class AbandonedError(Exception):
    """A poll that was abandoned for a stop: the ledger is as after the one before."""


class Poller:
    """Reads the rows of both sides, and the results files, into the ledger.

    Setting `stop` abandons a poll that takes long, if there was one before.
    """

    def __init__(
        self,
        plan: TrackPlan,
        clock: Clock,
        *,
        ledger: Ledger,
        databases: Sequence[Reader],
        live: Live,
        stop: Event,
    ) -> None:
        self._plan = plan
        self._clock = clock
        self._ledger = ledger
        self._databases = databases
        self._live = live
        self._stop = stop
        self._sent = SentReader(plan.sent, by_name=plan.match == "filename")
        self._polled: Optional[int] = None  # when the last poll started

    def poll(self, now: int, whole: bool) -> bool:
        """Read the whole period, or what may have changed since; return False if nothing has.

        Raises DatabaseError, StartError if a results file cannot be read, and AbandonedError.
        """
        changed = self._sent.read(self._ledger)
        open_keys = [] if whole else self._ledger.open()
        spans = {side: self._span(side, whole) for side in SIDES}
        self._read_both(spans)
        self._live.show_step("taking over what was read")
        changed |= aside(self._ledger, lambda: self._adopt(None if whole else spans))
        changed |= self._ask(dict.fromkeys(SIDES, open_keys))
        if whole:
            _raise_first(self._on_both(self._look_outside))
        changed |= aside(self._ledger, lambda: self._sent.match(self._ledger))
        self._live.show_step("looking for rows without a partner")
        # Before a row counts as one without a partner, the other side is asked for it.
        changed |= self._ask(aside(self._ledger, self._singles))
        _raise_first(self._on_both(Reader.end))
        self._polled = now
        return changed

    def _span(self, side: str, whole: bool) -> tuple[int, int]:
        """Return the span of the starts of the rows that this poll reads.

        It exceeds the period by the grace: most partners and duplicates outside are within that.
        """
        start, end = self._plan.start - self._plan.grace, self._plan.end + self._plan.grace
        if whole or self._polled is None:
            return start, end
        # The server's clock may be slow, and one row from the future must not hide others.
        latest = min(self._polled, self._ledger.latest(side) or self._plan.start)
        overlap = max(self._plan.grace, round(2 * self._plan.poll * SECOND))
        return max(start, latest - overlap), end

    def _read_both(self, spans: dict[str, tuple[int, int]]) -> None:
        def read() -> Optional[Exception]:
            return self._on_both(Reader.begin) or self._on_both(
                lambda database: self._read(database, *spans[database.side.name])
            )

        self._live.start_poll()
        reading = gevent.spawn(read)
        try:
            in_time = self._ends_in_time(reading)
        finally:
            reading.kill()
        if not in_time:
            for side in SIDES:
                self._ledger.discard(side)
            raise AbandonedError
        _raise_first(reading.get())

    def _ends_in_time(self, reading: gevent.Greenlet) -> bool:
        if self._polled is None:  # a stop, too, waits for the only report that there will be
            reading.join()
            return True
        gevent.wait([reading, self._stop], count=1)
        return self._clock.wait(reading, self._clock.now() + STOP_TIMEOUT)

    def _read(self, database: Reader, start: int, end: int) -> None:
        side = database.side.name
        staged = self._ledger.stage(side)
        self._live.start_side(side)
        # Closed at once, not by the collector of garbage, in which no greenlet may be killed.
        with closing(database.between(start, end)) as found:
            for rows in found:
                self._ledger.add(staged, rows)
                self._live.add_rows(side, len(rows))
        self._live.end_side(side)

    def _look_outside(self, database: Reader) -> None:
        plan = self._plan
        found = database.outside(plan.start, plan.end, plan.grace)
        self._ledger.outside[database.side.name] = found

    def _adopt(self, spans: Optional[dict[str, tuple[int, int]]]) -> bool:
        """Take over what was read, for both sides; return False if nothing has changed."""
        changed = [self._ledger.adopt(side, spans[side] if spans else None) for side in SIDES]
        return any(changed)

    def _singles(self) -> dict[str, list[Key]]:
        keys = {side: self._ledger.singles(OTHER[side]) for side in SIDES}
        keys["ingress"] += missing(self._ledger)
        return keys

    def _ask(self, keys: dict[str, list[Key]]) -> bool:
        """Read all rows that have these keys; return False if nothing has changed."""
        changed: list[str] = []

        def ask(database: Reader) -> None:
            side = database.side.name
            with closing(database.having(keys[side])) as found:
                for asked, rows in found:
                    if self._ledger.replace(side, asked, rows):
                        changed.append(side)

        if number := sum(map(len, keys.values())):
            self._live.show_step(f"asking for {number:,} UUIDs")
        _raise_first(self._on_both(ask))
        return bool(changed)

    def _on_both(self, act: Callable[[Reader], None]) -> Optional[Exception]:
        """Call `act` for both sides at once; return the first error, which ends the other, too."""

        def attempt(database: Reader) -> Optional[Exception]:
            try:
                act(database)
            except Exception as error:  # noqa: BLE001 - gevent would print it
                return error
            return None

        running = [gevent.spawn(attempt, database) for database in self._databases]
        try:
            errors = (finished.get() for finished in gevent.iwait(running))
            return next((error for error in errors if error is not None), None)
        finally:
            gevent.killall(running)


def _raise_first(error: Optional[Exception]) -> None:
    if error is not None:
        raise error
