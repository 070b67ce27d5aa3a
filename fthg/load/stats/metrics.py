"""Counts and times of a job, in memory that does not grow with the run."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import chain
from typing import Optional

from ...clock import SECOND
from ...transfer import OUTCOMES, PHASES, Result, times_of
from ...verdicts.thresholds import TIME_STATS, Figures, Vocabulary
from .addresses import Addresses
from .commonest import Commonest
from .histogram import Histogram
from .series import Series

TIMES = ("service_time", "response_time", "lateness")

FAILED_TIMES = ("service_time_failed", "response_time_failed")
"""The times of failed transfers, which say nothing about those that the server carried out."""

_PERCENTS = (50, 90, 95, 99)
_CODES = 100
_DETAILS = 20
_DETAILS_SHOWN = 5
_DETAIL_LENGTH = 300
_WITH_REASON = ("failed", "dropped")

_COUNTS = ("scheduled", "sent", "ok", "failed", "dropped", "cancelled", "missing")

VOCABULARY = Vocabulary(
    units={
        **dict.fromkeys(_COUNTS, "count"),
        "bytes": "size",
        "achieved_rate": "rate",
        **dict.fromkeys((*TIMES, *FAILED_TIMES), "time"),
    },
    wholes={**dict.fromkeys(_COUNTS, "scheduled"), "achieved_rate": "target_rate"},
    examples=("failed < 1%", "dropped == 0", "response_time p95 < 2s"),
    pass_without_value=frozenset(FAILED_TIMES),
)
"""The figures of a job, and of the total, that thresholds may name."""


Phases = defaultdict[str, Histogram]
"""Times by phase."""


class Metrics:
    """Counts and times of a job's arrivals.

    - `sent`: those that were started, whatever their outcome; not dropped ones, not those
      cancelled while they waited, and none for which there was no file.
    - `lateness` (start − due): of all that were started.
    - `service_time` (end − start), `response_time` (end − due) and `phases`: of ok transfers.
    - `service_time_failed`, `response_time_failed` and `phases_failed`: of failed ones. A server
      that refuses at once must not look fast, and one that is dead must not look slow.
    - A cancelled transfer was ended by fthg: its times say nothing about the server.
    - `bytes`: of file content, failed transfers included.
    """

    def __init__(self, began: int) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.sent = 0
        self.bytes = 0
        self.errors: Counter[str] = Counter()
        self.details: dict[str, Commonest[str]] = {}  # by error kind; of drops by "dropped"
        self.codes: Commonest[int] = Commonest(_CODES)
        self.addresses = Addresses()
        self.service_time = Histogram()
        self.response_time = Histogram()
        self.lateness = Histogram()
        self.phases: Phases = defaultdict(Histogram)
        self.service_time_failed = Histogram()
        self.response_time_failed = Histogram()
        self.phases_failed: Phases = defaultdict(Histogram)
        self.series = Series(began)  # a reading of the run's clock
        self.first_due: Optional[int] = None
        self.last_end: Optional[int] = None  # of those that ended by themselves

    @property
    def scheduled(self) -> int:
        """All arrivals whose outcome is known: ok + failed + dropped + cancelled."""
        return sum(self.outcomes.values())

    def record(self, *results: Result) -> None:
        """Count results: many at once for less than each by itself."""
        if not results:
            return
        for outcome, times in Counter([result.outcome for result in results]).items():
            self.outcomes[outcome] += times
        self._record_reasons([result for result in results if result.outcome in _WITH_REASON])
        self.bytes += sum([result.bytes for result in results])
        for code, times in Counter([result.code for result in results]).items():
            if code is not None:
                self.codes.record(code, times)
        self.addresses.count(results)
        self._record_starts(results)
        self._record_times(results)
        self.series.record(*results)

    def _record_reasons(self, results: Sequence[Result]) -> None:
        """Count the kinds of errors of failed and dropped ones, and their details."""
        reasons = Counter([(result.error, result.detail) for result in results])
        for (error, detail), times in reasons.items():
            if error is not None:
                self.errors[error] += times
            if detail:
                details = self.details.setdefault(error or "dropped", Commonest(_DETAILS))
                details.record(detail[:_DETAIL_LENGTH], times)

    def _record_starts(self, results: Sequence[Result]) -> None:
        late = [result.start - result.due for result in results if result.start is not None]
        self.sent += len(late)
        self.lateness.record(*late)
        first = min([result.due for result in results])
        self.first_due = _of_known(min, self.first_due, first)

    def _record_times(self, results: Sequence[Result]) -> None:
        ok = [result for result in results if result.outcome == "ok"]
        self._record_ended(ok, self.service_time, self.response_time, self.phases)
        if len(ok) == len(results):
            return
        failed = [result for result in results if result.outcome == "failed"]
        self._record_ended(
            failed, self.service_time_failed, self.response_time_failed, self.phases_failed
        )

    def _record_ended(
        self, results: Sequence[Result], service: Histogram, response: Histogram, phases: Phases
    ) -> None:
        timed = times_of(results)
        service.record(*[end - start for _, start, end in timed])
        response.record(*[end - due for due, _, end in timed])
        last = max([end for _, _, end in timed], default=None)
        self.last_end = _of_known(max, self.last_end, last)
        every = [result.phases for result in results]
        for phase in dict.fromkeys(chain.from_iterable(every)):
            phases[phase].record(*[int(some[phase] * SECOND) for some in every if phase in some])

    def merge(self, other: Metrics) -> None:
        """Count all that another has counted since the same beginning."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] += count
        self.sent += other.sent
        self.bytes += other.bytes
        self.errors.update(other.errors)
        for kind, details in other.details.items():
            self.details.setdefault(kind, Commonest(_DETAILS)).merge(details)
        self.codes.merge(other.codes)
        self.addresses.merge(other.addresses)
        for time in (*TIMES, *FAILED_TIMES):
            getattr(self, time).merge(getattr(other, time))
        for phases, others in (
            (self.phases, other.phases),
            (self.phases_failed, other.phases_failed),
        ):
            for phase, histogram in others.items():
                phases[phase].merge(histogram)
        self.series.merge(other.series)
        self.first_due = _of_known(min, self.first_due, other.first_due)
        self.last_end = _of_known(max, self.last_end, other.last_end)

    def news(self) -> Metrics:
        """Return all counts, with only the changed intervals of the series, for another process."""
        news = copy.copy(self)
        news.series = self.series.news()
        return news

    def complete(self, before: Metrics) -> None:
        """Complete this update by the metrics known before, which it replaces."""
        before.series.renew(self.series)
        self.series = before.series

    @property
    def seconds(self) -> Fraction:
        """Seconds from the first due time to the last end; 0 while nothing has ended."""
        if self.first_due is None or self.last_end is None:
            return Fraction(0)
        return Fraction(self.last_end - self.first_due, SECOND)

    def figures(
        self,
        target_rate: Optional[float],
        achieved_rate: float,
        in_flight: int = 0,
        missing: Optional[int] = 0,
    ) -> Figures:
        """Return all figures so far; transfers in flight count as scheduled and sent.

        `missing` arrivals, of which nothing is known, count as scheduled; None: unknown.
        """
        return {
            "scheduled": self.scheduled + in_flight + (missing or 0),
            "sent": self.sent + in_flight,
            **self.outcomes,
            "missing": missing,
            "bytes": self.bytes,
            "target_rate": target_rate,
            "achieved_rate": achieved_rate,
            "errors": dict(self.errors.most_common()),
            "codes": {str(code): count for code, count in self.codes.most()},
            "addresses": dict(self.addresses.most()),
            **{time: times(getattr(self, time)) for time in (*TIMES, *FAILED_TIMES)},
        }

    def more(self) -> Figures:
        """Return further figures: times of phases, the commonest details, the series over time."""
        return {
            "phases": _phases(self.phases),
            "phases_failed": _phases(self.phases_failed),
            "details": {kind: self.commonest_details(kind) for kind in self.details},
            "series": self.series.figures(),
        }

    def commonest_details(self, kind: str) -> list[str]:
        """Return the details of errors of a kind, the commonest first."""
        if kind not in self.details:
            return []
        return [detail for detail, _ in self.details[kind].most(_DETAILS_SHOWN)]


def times(histogram: Histogram) -> Mapping[str, Optional[float]]:
    """Return the count, and each of TIME_STATS in seconds; None where nothing was measured."""
    count = histogram.count
    if not count:
        return {"count": 0, **dict.fromkeys(TIME_STATS)}
    stats = (
        histogram.min,
        histogram.mean,
        *histogram.percentiles(_PERCENTS),
        histogram.max,
    )
    seconds = {name: value / SECOND for name, value in zip(TIME_STATS, stats)}
    return {"count": count, **seconds}


def _phases(phases: Phases) -> Mapping[str, Mapping[str, Optional[float]]]:
    return {name: times(phases[name]) for name in PHASES if name in phases}


def _of_known(choose: Callable[[list[int]], int], *readings: Optional[int]) -> Optional[int]:
    known = [reading for reading in readings if reading is not None]
    return choose(known) if known else None
