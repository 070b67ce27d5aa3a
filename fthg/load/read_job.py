"""One job of the snapshot that is made from results files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from . import run_intervals
from .plan import Job
from .run_intervals import RunInterval, Span
from .stats.metrics import Metrics
from .stats.snapshot import JobSnapshot
from .stats.stage_times import StagedTime


@dataclass(frozen=True)
class ReadJob(JobSnapshot):
    """One job, as results files show it."""

    busy: Fraction = Fraction(0)  # seconds in which it was dispatching, in all runs
    schedules: Sequence[StagedTime] = ()  # of a job with stages: in each run

    @cached_property
    def staged(self) -> Sequence[StagedTime]:
        """The schedule of its stages, in each run."""
        return self.schedules

    @property
    def achieved_rate(self) -> float:
        """Transfers started a second."""
        return float(self.metrics.sent / self.busy) if self.busy else 0.0


def read_job(
    job: Job, metrics: Metrics, mine: Mapping[str, RunInterval], runs: Mapping[str, Span]
) -> ReadJob:
    """Return a job with the results of all runs, given its own time in each and that of each."""
    jobs = {run: replace(job, pacer=job.pacer.in_run(run)) for run in mine}
    busy = run_intervals.covered(
        run_intervals.dispatching(interval, jobs[run] if job.known else None, runs[run])
        for run, interval in mine.items()
    )
    # What several runs have drawn is not added up: the target is the mean.
    judged = jobs.popitem()[1] if len(jobs) == 1 else replace(job, pacer=job.pacer.even)
    stages = [interval.stages for interval in mine.values() if interval.stages]
    return ReadJob(
        judged,
        metrics,
        float(busy),
        stages=[one.metrics for one in stages],
        busy=busy,
        schedules=[one.staged for one in stages],
    )
