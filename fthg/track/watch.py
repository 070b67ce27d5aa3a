"""Polls both databases, once or until nothing can change any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import gevent
from gevent.event import Event

from ..clock import Clock
from ..errors import DatabaseError
from .figures import Figures, State
from .ledger import OTHER, Ledger
from .live import Live
from .measure import measure
from .plan import SIDES, TrackPlan
from .reading import Reader
from .sent import SentReader, missing
from .tracked import SECOND
from .uuids import Key

MICROSECOND = 1000
"""One microsecond in the clock's nanoseconds."""


class Watch:
    """The polls of one period; setting `stop` ends them early, after one last poll."""

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
        self._polled = 0  # when the last poll started

    def polls(self) -> Iterator[Figures]:
        """Yield the figures of each poll; those of the last one are no longer RUNNING.

        Raises DatabaseError, and StartError if a results file cannot be read.
        """
        whole = True
        while True:
            self._poll(whole)
            done = self._done()
            if done and not whole:
                # Rows may have been committed late, or have changed after their end.
                whole = True
                continue
            yield self._figures(State.FINAL if done else State.RUNNING)
            if done:
                return
            self._wait()
            whole = False

    def _poll(self, whole: bool) -> None:
        now = self._utc()
        self._sent.read(self._ledger)
        open_keys = [] if whole else self._ledger.open()
        spans = {side: self._clear_span(side, whole) for side in SIDES}
        self._on_both(Reader.begin)
        self._on_both(lambda database: self._read(database, *spans[database.side.name]))
        self._on_both(lambda database: self._ask(database, open_keys))
        self._sent.match(self._ledger)
        # Before a row counts as one without a partner, the other side is asked for it.
        single = {side: self._ledger.singles(OTHER[side]) for side in SIDES}
        single["ingress"] += missing(self._ledger)
        self._on_both(lambda database: self._ask(database, single[database.side.name]))
        self._on_both(Reader.end)
        self._ledger.pair(now)
        self._polled = now

    def _clear_span(self, side: str, whole: bool) -> tuple[int, int]:
        """Remove the rows that this poll reads again; return the span of their starts.

        It exceeds the period by the grace: most partners and duplicates outside are within that.
        """
        start, end = self._plan.start - self._plan.grace, self._plan.end + self._plan.grace
        if whole:
            self._ledger.clear(side)
            return start, end
        # The server's clock may be slow, and one row from the future must not hide others.
        latest = min(self._polled, self._ledger.latest(side) or self._plan.start)
        overlap = max(self._plan.grace, round(2 * self._plan.poll * SECOND))
        start = max(start, latest - overlap)
        self._ledger.forget(side, start, end)
        return start, end

    def _read(self, database: Reader, start: int, end: int) -> None:
        side = database.side.name
        self._live.start_side(side)
        for rows in database.between(start, end):
            self._ledger.add(side, rows)
            self._live.add_rows(side, len(rows))

    def _ask(self, database: Reader, keys: Sequence[Key]) -> None:
        for asked, rows in database.having(keys):
            self._ledger.replace(database.side.name, asked, rows)

    def _on_both(self, act: Callable[[Reader], None]) -> None:
        """Call `act` for both sides at once; raise the first DatabaseError."""

        def attempt(database: Reader) -> object:
            try:
                act(database)
            except DatabaseError as error:
                return error
            return None

        running = [gevent.spawn(attempt, database) for database in self._databases]
        try:
            for finished in gevent.iwait(running):
                if isinstance(error := finished.get(), DatabaseError):
                    raise error
        finally:
            gevent.killall(running)

    def _figures(self, state: State) -> Figures:
        figures = measure(self._plan, self._ledger, self._polled, state)
        self._live.end_poll(figures)
        return figures

    def _done(self) -> bool:
        if self._plan.once or self._stop.is_set():
            return True
        if self._polled < self._plan.end:
            return False
        return self._polled >= self._plan.end + self._plan.grace or not self._ledger.unsettled()

    def _wait(self) -> None:
        now = self._utc()
        turns = (self._plan.end, self._plan.end + self._plan.grace)
        poll = now + round(self._plan.poll * SECOND)
        following = min([poll, *(turn for turn in turns if turn > now)])
        self._live.announce_poll(following)
        self._clock.wait(self._stop, self._clock.now() + (following - now) * MICROSECOND)

    def _utc(self) -> int:
        return self._clock.utc() // MICROSECOND
