"""Looking at both databases, once or again and again, until nothing can change any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import gevent
from gevent.event import Event

from ..clock import Clock
from ..errors import DatabaseError
from .figures import SECOND, Figures
from .ledger import OTHER, Ledger
from .live import Live
from .measure import measure
from .plan import SIDES, TrackPlan
from .rows import Database
from .sent import SentReader, missing
from .uuids import Key

MICROSECOND = 1000
"""Of the clock's nanoseconds."""


class Watch:
    """One period, followed in the ledger; `stop` set ends it early, with one last look."""

    def __init__(
        self,
        plan: TrackPlan,
        clock: Clock,
        *,
        ledger: Ledger,
        databases: Sequence[Database],
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
        self._seen = 0  # when the databases were last looked at

    def looks(self) -> Iterator[Figures]:
        """Yield the figures of each look; those of the last one are no longer `running`.

        Raises DatabaseError, and StartError where a results file cannot be read.
        """
        whole = True
        while True:
            self._look(whole)
            done = self._done()
            if done and not whole:
                # Rows that were committed late, or changed after they had ended.
                whole = True
                continue
            yield self._figures(running=not done)
            if done:
                return
            self._wait()
            whole = False

    def _look(self, whole: bool) -> None:
        now = self._utc()
        self._sent.read(self._ledger)
        open_ones = [] if whole else self._ledger.open()
        spans = {side: self._make_room(side, whole) for side in SIDES}
        self._both(Database.begin)
        self._both(lambda database: self._read(database, *spans[database.side.name]))
        self._both(lambda database: self._ask(database, open_ones))
        self._sent.match(self._ledger)
        # Before a row counts as one without partner, the other side is asked for it.
        lone = {side: self._ledger.singles(OTHER[side]) for side in SIDES}
        lone["ingress"] += missing(self._ledger)
        self._both(lambda database: self._ask(database, lone[database.side.name]))
        self._both(Database.end)
        self._ledger.pair(now)
        self._seen = now

    def _make_room(self, side: str, whole: bool) -> tuple[int, int]:
        """Forget what is to be read anew; return its span, which has a margin: most partners and
        duplicates beyond the period's edges are there."""
        start, end = self._plan.start - self._plan.grace, self._plan.end + self._plan.grace
        if whole:
            self._ledger.clear(side)
            return start, end
        # The server's clock may be slow, and one row of the future must not hide others.
        latest = min(self._seen, self._ledger.latest(side) or self._plan.start)
        overlap = max(self._plan.grace, round(2 * self._plan.poll * SECOND))
        start = max(start, latest - overlap)
        self._ledger.forget(side, start, end)
        return start, end

    def _read(self, database: Database, start: int, end: int) -> None:
        side = database.side.name
        self._live.start_over(side)
        for rows in database.between(start, end):
            self._ledger.add(side, rows)
            self._live.found(side, len(rows))

    def _ask(self, database: Database, keys: Sequence[Key]) -> None:
        for asked, rows in database.having(keys):
            self._ledger.replace(database.side.name, asked, rows)

    def _both(self, act: Callable[[Database], None]) -> None:
        """Do the same on both sides at once; the first error ends it."""

        def attempt(database: Database) -> object:
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

    def _figures(self, running: bool) -> Figures:
        figures = measure(self._plan, self._ledger, self._seen, running)
        self._live.looked(figures)
        return figures

    def _done(self) -> bool:
        if self._plan.once or self._stop.is_set():
            return True
        if self._seen < self._plan.end:
            return False
        return self._seen >= self._plan.end + self._plan.grace or not self._ledger.unsettled()

    def _wait(self) -> None:
        now = self._utc()
        turns = (self._plan.end, self._plan.end + self._plan.grace)
        poll = now + round(self._plan.poll * SECOND)
        following = min([poll, *(turn for turn in turns if turn > now)])
        deadline = self._clock.now() + (following - now) * MICROSECOND
        self._live.next_look(following)
        asleep = gevent.spawn(self._clock.sleep_until, deadline)
        try:
            gevent.wait([asleep, self._stop], count=1)
        finally:
            asleep.kill()

    def _utc(self) -> int:
        return self._clock.utc() // MICROSECOND
