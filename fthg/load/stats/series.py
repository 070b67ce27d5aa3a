"""Outcomes and response times over time, in equal intervals that widen as the run grows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Union

from ...clock import SECOND
from ...transfer import OUTCOMES, Result, times_of
from .histogram import COARSE, Histogram, Packed

LIMIT = 240
"""The most intervals kept: with one more, every two become one of double width."""


_FRESH = 2


class Interval:
    """Counts and times of the transfers that ended within one interval."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(OUTCOMES, 0)
        self.bytes = 0
        self.changed = True  # since the last call of `Series.news`
        self._times: Union[Histogram, Packed] = Histogram(COARSE)

    @property
    def response_time(self) -> Histogram:
        """The response times of ok transfers so far, to be read."""
        return Histogram.unpack(self._times) if isinstance(self._times, Packed) else self._times

    def pack(self) -> None:
        """Reduce memory until the next result is recorded."""
        if isinstance(self._times, Histogram):
            self._times = self._times.pack()

    def record(self, results: Sequence[Result]) -> None:
        """Count results."""
        for outcome, times in Counter([result.outcome for result in results]).items():
            self.counts[outcome] += times
        self.bytes += sum([result.bytes for result in results])
        ok = [result for result in results if result.outcome == "ok"]
        self._open().record(*[end - due for due, _, end in times_of(ok)])

    def merge(self, other: Interval) -> None:
        """Add all that another interval has counted."""
        for outcome, count in other.counts.items():
            self.counts[outcome] += count
        self.bytes += other.bytes
        self._open().merge(other.response_time)

    def _open(self) -> Histogram:
        self.changed = True
        self._times = self.response_time
        return self._times


class Series:
    """Intervals from `began` on; a result belongs to the one in which it ended, or was due."""

    def __init__(self, began: int) -> None:
        self.began = began  # a reading of the run's clock, the same for all that will be merged
        self.width = SECOND
        self._intervals: dict[int, Interval] = {}  # by index; those without results are left out
        self._others: list[Series] = []  # that were merged, and are not added up yet

    @property
    def intervals(self) -> Sequence[Interval]:
        """The intervals from the first to the last one with results."""
        self._add_up()
        length = max(self._intervals, default=-1) + 1
        return [self._intervals.get(index) or Interval() for index in range(length)]

    def record(self, *results: Result) -> None:
        """Count results."""
        # Those that ended one after another mostly belong to one interval, which is whole seconds.
        ends = [result.due if result.end is None else result.end for result in results]
        done = 0
        for second, some in groupby([(end - self.began) // SECOND for end in ends]):
            before, done = done, done + len(list(some))
            self._at(self.began + second * SECOND).record(results[before:done])

    def _at(self, when: int) -> Interval:
        since = max(0, when - self.began)
        while since // self.width >= LIMIT:
            self._widen()
        index = since // self.width
        if index not in self._intervals:
            self._intervals[index] = Interval()
            for old, interval in self._intervals.items():  # all: some were merged, or were late
                if old <= index - _FRESH:
                    interval.pack()
        return self._intervals[index]

    def _widen(self) -> None:
        self.width *= 2
        narrow, self._intervals = self._intervals, {}
        for index, interval in narrow.items():
            wide = self._intervals.setdefault(index // 2, interval)
            if wide is not interval:
                wide.merge(interval)
            wide.changed = True

    def merge(self, other: Series) -> None:
        """Add a series of the same start, as it is when this one is read: few ever are."""
        self._others.append(other)

    def _add_up(self) -> None:
        others, self._others = self._others, []
        for other in others:
            other._add_up()
            while self.width < other.width:
                self._widen()
            for index, interval in other._intervals.items():
                self._at(self.began + index * other.width).merge(interval)

    def news(self) -> Series:
        """Return the intervals that have changed since the last call, to complete a copy with."""
        changed = {index: one for index, one in self._intervals.items() if one.changed}
        for interval in changed.values():
            interval.changed = False
        news = Series(self.began)
        news.width, news._intervals = self.width, changed
        return news

    def renew(self, news: Series) -> None:
        """Take over an update of the series that this is a copy of."""
        if self.width != news.width:
            self.width, self._intervals = news.width, {}
        self._intervals.update(news._intervals)

    def figures(self) -> list[dict[str, object]]:
        """Return each interval as the summary's JSON has it.

        `at` and `seconds` are its start and width; then counts, bytes, and the 95th percentile of
        response times of ok transfers in seconds, None where none ended.
        """
        intervals = self.intervals
        seconds = self.width // SECOND
        return [
            {
                "at": index * seconds,
                "seconds": seconds,
                **interval.counts,
                "bytes": interval.bytes,
                "response_time_p95": times.percentile(95) / SECOND if times.count else None,
            }
            for index, interval in enumerate(intervals)
            for times in [interval.response_time]
        ]
