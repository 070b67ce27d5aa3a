"""Polls both databases, once or until nothing can change any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Optional

import gevent
from gevent.event import Event

from ..clock import Clock
from .aside import aside
from .durations import Durations, measure_durations
from .figures import Figures, State
from .judging import judge_figures
from .ledger import Ledger
from .live import Live
from .measure import complete, measure_rest
from .plan import TrackPlan
from .poll import AbandonedError, Poller
from .reading import Reader
from .sent import count_missing
from .tracked import SECOND

MICROSECOND = 1000
"""One microsecond in the clock's nanoseconds."""

SHARE = 10
"""The least ratio of the time between two polls to the duration of the last one."""


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
        on_paired: Callable[[], object] = lambda: None,
        durations: Callable[[], Optional[Durations]] = lambda: None,
    ) -> None:
        """`on_paired` is called before the ledger is measured, if its figures will be yielded.

        `durations` returns those of the ledger; None, where they must be measured here.
        """
        self._plan = plan
        self._clock = clock
        self._ledger = ledger
        self._databases = databases
        self._live = live
        self._stop = stop
        self._on_paired = on_paired
        self._durations = durations
        self._poller = Poller(plan, clock, ledger=ledger, databases=databases, live=live, stop=stop)
        self._began = 0  # the last poll, by the clock
        self._figures: Optional[Figures] = None
        self._stale_at: Optional[int] = None  # when time alone changes the figures

    def polls(self) -> Iterator[Figures]:
        """Yield the figures after each poll; those of the last one are no longer RUNNING.

        They are the same object as before if nothing has changed, also by time alone. Raises
        DatabaseError, and StartError if a results file cannot be read.
        """
        whole = True
        while True:
            self._began, now = self._clock.now(), self._utc()
            whole = whole or now >= self._plan.deadline
            try:
                figures = self._poll(now, whole)
            except AbandonedError:
                self._live.announce_abandoned()
                break
            settled = self._is_over(now) and (now >= self._plan.deadline or not self._open())
            if settled and (whole or not self._stop.is_set()):
                if whole:
                    yield replace(figures, state=State.FINAL)
                    return
                whole = True  # rows may have been committed late, or have changed after their end
                continue
            if self._plan.once or self._stop.is_set():
                break
            yield figures
            if self._stop.is_set():  # a stop while the report was written: this was the last poll
                break
            self._wait()
            whole = False
        assert self._figures is not None  # noqa: S101 - the first poll is never abandoned
        yield replace(self._figures, state=State.ENDED_EARLY)

    def _poll(self, now: int, whole: bool) -> Figures:
        changed = self._poller.poll(now, whole)
        figures, stale_at = self._figures, self._stale_at
        if figures is None or changed or (stale_at is not None and now >= stale_at):
            self._live.show_step("pairing and measuring")
            aside(self._ledger, lambda: self._ledger.pair(now))
            if whole:  # after a poll of a part, a whole one may follow at once
                self._on_paired()
            figures = self._figures = self._measure(now)
        self._live.end_poll(figures, changed=figures.snapshot == now)
        return figures

    def _measure(self, now: int) -> Figures:
        measuring = gevent.spawn(self._durations)
        try:
            rest = aside(self._ledger, lambda: self._measure_rest(now))
            durations = measuring.get()
        finally:
            measuring.kill()
        return aside(self._ledger, lambda: self._complete(rest, durations))

    def _measure_rest(self, now: int) -> Figures:
        self._stale_at = self._ledger.next_change(now, self._plan.sla)
        return measure_rest(self._plan, self._ledger, now, State.RUNNING)

    def _complete(self, rest: Figures, durations: Optional[Durations]) -> Figures:
        unindexed = {database.side.name: database.unindexed for database in self._databases}
        durations = durations or measure_durations(self._ledger.query)
        figures = complete(rest, durations, self._plan, self._ledger, unindexed)
        return judge_figures(figures, self._plan)

    def _is_over(self, now: int) -> bool:
        """Return True if no transfer can be added any more: those of results files are known."""
        return now >= self._plan.end or self._plan.only_sent

    def _open(self) -> bool:
        """Return True while the report may change: something is in progress or pending."""
        missing = count_missing(self._ledger) if self._plan.only_sent else 0
        return self._ledger.unsettled() or missing > 0

    def _wait(self) -> None:
        """Wait for the next poll: `poll`, but not past a turn of the period, nor too soon."""
        now, cost = self._utc(), (self._clock.now() - self._began) // MICROSECOND
        turns = (self._plan.end, self._plan.deadline)
        poll = now + round(self._plan.poll * SECOND)
        following = min([poll, *(turn for turn in turns if turn > now)])
        following = max(following, now + SHARE * cost)
        self._live.announce_poll(following)
        self._clock.wait(self._stop, self._clock.now() + (following - now) * MICROSECOND)

    def _utc(self) -> int:
        return self._clock.utc() // MICROSECOND
