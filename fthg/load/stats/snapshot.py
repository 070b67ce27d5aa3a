"""What is known when a run ends, or whenever it is asked for its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from ...clock import SECOND
from ...verdicts.thresholds import Figures, Verdict, judge
from ..plan import Job, Plan
from .metrics import Metrics
from .outages import NONE, Seen

TOTAL = ""
"""Stands for the total where all else goes by job name."""


@dataclass(frozen=True)
class RunFigures:
    """The figures of a run."""

    jobs: Mapping[str, Figures]  # by name
    total: Figures


@dataclass(frozen=True)
class JobEnd:
    """One job at its end, or as far as it has come."""

    job: Job
    metrics: Metrics
    dispatching: float  # seconds from its first due time to the end of its dispatching
    in_flight: int = 0  # 0 at the end

    @property
    def target_rate(self) -> Optional[float]:
        """Files a second; None for `max`."""
        return None if self.job.rate is None else float(self.job.rate)

    @property
    def achieved_rate(self) -> float:
        """Files a second."""
        return self.metrics.achieved_rate(self.job.rate, self.dispatching, self.in_flight)

    def figures(self) -> Figures:
        """The figures of this job."""
        return self.metrics.figures(self.target_rate, self.achieved_rate, self.in_flight)


@dataclass(frozen=True)
class Reading:
    """What is known of a run only because its end was read from results files."""

    runs: int  # whose results they are
    left_out: int  # lines that are no results
    seconds: float  # while at least one of the runs was under way


@dataclass(frozen=True)
class RunEnd:
    """A run at its end, or as far as it has come."""

    plan: Plan
    started: int  # UTC, nanoseconds since 1970
    ended: int
    jobs: Sequence[JobEnd]  # at least one
    cpu: float = 0.0  # seconds of CPU used since the start
    results_lost: int = 0  # lines that could not be written
    outages: Seen = NONE
    reason: str = ""  # why it ended, for people: "as planned"
    reading: Optional[Reading] = None  # None: we were there

    @property
    def seconds(self) -> float:
        """How long it took."""
        if self.reading:
            return self.reading.seconds
        return max(0, self.ended - self.started) / SECOND

    def utc(self, reading: int) -> int:
        """The moment of a reading of the run's clock."""
        return reading - self.jobs[0].metrics.series.began + self.started

    @property
    def merged(self) -> Metrics:
        """The metrics of all jobs together."""
        total = Metrics(self.jobs[0].metrics.series.began)
        for end in self.jobs:
            total.merge(end.metrics)
        return total

    def figures(self) -> RunFigures:
        """The figures of all jobs and of the total, where rates are the sums of the jobs'."""
        jobs = {end.job.name: end.figures() for end in self.jobs}
        targets = [figures["target_rate"] for figures in jobs.values()]
        total = self.merged.figures(
            None if None in targets else sum(targets),
            sum(figures["achieved_rate"] for figures in jobs.values()),
            sum(end.in_flight for end in self.jobs),
        )
        return RunFigures(jobs, total)

    def verdicts(self, figures: RunFigures) -> Mapping[str, list[Verdict]]:
        """Every threshold judged, by job name; those of the total under `TOTAL`."""
        judged = {
            end.job.name: judge(end.job.limits.thresholds, figures.jobs[end.job.name])
            for end in self.jobs
        }
        return {**judged, TOTAL: judge(self.plan.limits.thresholds, figures.total)}
