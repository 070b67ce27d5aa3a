"""One job of the snapshot that is made from results files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Optional

from . import run_intervals
from .plan import Job
from .run_intervals import RunInterval, Span
from .stats.job_snapshot import JobSnapshot
from .stats.metrics import Metrics
from .stats.stage_times import StagedTime


@dataclass(frozen=True)
class ReadJob(JobSnapshot):
    """One job, as results files show it."""

    busy: Fraction = Fraction(0)  # seconds in which it was dispatching, in one run or several
    at_once: Fraction = Fraction(1)  # the mean number of runs that it was in at once
    schedules: Sequence[StagedTime] = ()  # of a job with stages: in each run

    @cached_property
    def staged(self) -> Sequence[StagedTime]:
        """The schedule of its stages, in each run."""
        return self.schedules

    @property
    def target_rate(self) -> Optional[float]:
        """Files a second, the mean; of runs at the same time the sum."""
        target = super().target_rate
        return None if target is None else float(Fraction(target) * self.at_once)

    @property
    def achieved_rate(self) -> float:
        """Transfers started a second."""
        return float(self.metrics.sent / self.busy) if self.busy else 0.0


def read_job(
    job: Job, metrics: Metrics, mine: Mapping[str, RunInterval], runs: Mapping[str, Span]
) -> ReadJob:
    """Return a job with the results of all runs, given its own time in each and that of each."""
    jobs = {run: replace(job, pacer=job.pacer.in_run(run)) for run in mine}
    spans = [
        run_intervals.dispatching(interval, jobs[run] if job.known else None, runs[run])
        for run, interval in mine.items()
    ]
    busy, each = run_intervals.covered(spans), sum(map(run_intervals.length, spans))
    # Random arrivals of several runs are not added up: the target is the mean.
    judged = jobs.popitem()[1] if len(jobs) == 1 else replace(job, pacer=job.pacer.even)
    stages = [interval.stages for interval in mine.values() if interval.stages]
    return ReadJob(
        judged,
        metrics,
        float(busy),
        stages=[one.metrics for one in stages],
        busy=busy,
        at_once=each / busy if busy else Fraction(1),
        schedules=[one.staged for one in stages],
    )
