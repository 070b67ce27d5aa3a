"""A run over time: what ended in each step, and the target rate then (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...transfer import OUTCOMES
from ..stats.histogram import COARSE, Histogram
from ..stats.job_snapshot import JobSnapshot
from ..stats.series import Interval, Series
from ..stats.snapshot import RunSnapshot

MOST = 120
"""The most steps that a chart shows."""

_SAMPLES = 4  # of a rate that changes within a step
_MANY = 100  # jobs, with which one sample must do


class Step(NamedTuple):
    """Transfers that ended in a step, and dropped arrivals that were due in it."""

    start: int  # microseconds since 1970
    counts: dict[str, int]  # by outcome
    response_time: Histogram  # of ok ones
    target: Optional[float]  # files a second; None: there is none

    @property
    def arrivals(self) -> int:
        """All that ended in it or were due."""
        return sum(self.counts.values())


class Timeline(NamedTuple):
    """The steps of a run, all of equal width, from its start on."""

    width: int  # microseconds
    steps: Sequence[Step]

    @property
    def start(self) -> int:
        """Its beginning, in microseconds since 1970."""
        return self.steps[0].start

    @property
    def end(self) -> int:
        """Its end, in microseconds since 1970."""
        return self.start + self.width * len(self.steps)


def timeline(run: RunSnapshot) -> Timeline:
    """Return a run over time, in at most MOST steps."""
    series = run.merged.series
    intervals = series.intervals
    # What is left of the run after its last whole step is none if it is less than a tenth of one.
    whole = -(-(run.ended - run.started - series.width // 10) // series.width)
    length = max(len(intervals), whole, 1)
    together = -(-length // MOST)
    width, count = series.width * together, -(-length // together)
    targets = target_rates(run, width, count)
    steps = [
        Step((run.started + index * width) // 1000, *_joined(some), target)
        for index, target in enumerate(targets)
        for some in [intervals[index * together : (index + 1) * together]]
    ]
    return Timeline(width // 1000, steps)


def _joined(intervals: Sequence[Interval]) -> tuple[dict[str, int], Histogram]:
    counts = {outcome: sum(one.counts[outcome] for one in intervals) for outcome in OUTCOMES}
    times = Histogram(COARSE)
    for one in intervals:
        times.merge(one.response_time)
    return counts, times


def target_rates(run: RunSnapshot, width: int, count: int) -> list[Optional[float]]:
    """Return the mean target of all jobs in each of `count` steps, in files a second.

    Of several runs that were added up, and of jobs without a target, there is none.
    """
    total: list[Optional[float]] = [0.0] * count
    if run.reading and run.reading.runs > 1:
        return [None] * count
    samples = _SAMPLES if len(run.jobs) <= _MANY else 1
    for job in run.jobs:
        for index, rate in _targets(job, run, width, count, samples):
            before = total[index]
            total[index] = None if rate is None or before is None else before + rate
    return total


def _targets(
    job: JobSnapshot, run: RunSnapshot, width: int, count: int, samples: int
) -> Iterator[tuple[int, Optional[float]]]:
    """Yield the target of one job in each step in which it was dispatching."""
    first = _first_moment(job, run)
    end = first + round(job.dispatching * SECOND)
    for index in range(max(0, first // width), min(count, -(-end // width))):
        since, until = max(index * width, first), min((index + 1) * width, end)
        rate = None
        if job.job.known:
            rate = _mean(job, since - first, until - first, samples)
        yield index, None if rate is None else rate * (until - since) / width


def _first_moment(job: JobSnapshot, run: RunSnapshot) -> int:
    """Return when the schedule of a job began, in nanoseconds after the start of the run."""
    if not run.reading:
        return round(job.job.start_after * SECOND)
    due = job.metrics.first_due or job.metrics.series.began
    return due - job.metrics.series.began - (job.job.pacer.due(0) or 0)


def _mean(job: JobSnapshot, since: int, until: int, samples: int) -> Optional[float]:
    """Return the mean target of a job in a part of its schedule; of a slice, its share of that."""
    count = 1 if job.job.pacer.period is not None else samples
    moments = (since + (until - since) * (2 * n + 1) // (2 * count) for n in range(count))
    rates = [job.job.pacer.rate_at(moment) for moment in moments]
    known = [float(rate) for rate in rates if rate is not None]
    return sum(known) / count / job.job.slice.of if len(known) == count else None


def ended(series: Series, width: int, count: int) -> list[int]:
    """Return how many transfers of a series ended in each of `count` steps of a width, in ns."""
    found = [0] * count
    for index, interval in enumerate(series.intervals):
        step = min(index * series.width // width, count - 1)
        found[step] += interval.counts["ok"] + interval.counts["failed"]
    return found
