"""A run at one moment, or at its end: the data of outputs and thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...standstill import Standstill
from ...verdicts.baseline import Change
from ...verdicts.thresholds import Figures, Verdict, judge
from ..plan import Limits, Plan
from .job_snapshot import JobSnapshot
from .metrics import Metrics
from .outages import NO_OUTAGES, OutageList

TOTAL = ""
"""The key of the total in mappings by job name."""


class RunFigures(NamedTuple):
    """The figures of a run."""

    jobs: Mapping[str, Figures]  # by name
    total: Figures


class IncompleteSlice(NamedTuple):
    """A slice of a run, or all of it, whose results lack arrivals of a job in the open model."""

    run: str
    job: str
    slice: str  # as in 3/10; empty: it is not known which
    missing: Optional[int]  # below the greatest number of the job, without a line; None: unknown
    absent: bool  # True: it has no line of the job at all


class Reading(NamedTuple):
    """Facts about results files, of a run whose snapshot was made from them."""

    paths: str
    runs: int  # whose results they are
    left_out: int  # lines that are no results
    seconds: float  # in which at least one of the runs was running
    incomplete: Sequence[IncompleteSlice] = ()
    twice: int = 0  # lines of arrivals that had one already: the first of them counts


class BreakingPoint(NamedTuple):
    """The judgement by which a threshold that aborts ended the run; rates are files a second."""

    job: str  # or TOTAL
    verdict: Verdict  # on the figures at that moment
    at: float  # seconds after the start of the run
    rate: Optional[float]  # the target then; None: it had none
    held: Optional[float]  # the highest target at a judgement that passed; None: there was none


class LostWorker(NamedTuple):
    """A worker that died, or had to be killed: its last report counts."""

    worker: int  # from 0
    pid: int
    reported: Optional[int]  # when it did so last, a reading of the run's clock; None: never
    in_flight: int  # transfers at that time, which count as cancelled
    killed: bool  # because it did not end
    cause: str  # for people


@dataclass(frozen=True)
class RunSnapshot:
    """All jobs of a run. Its figures are made once, when they are first asked for."""

    plan: Plan
    started: int  # UTC, nanoseconds since 1970
    ended: int  # or now
    jobs: Sequence[JobSnapshot]  # none in a slice without a share of any
    cpu: float = 0.0  # seconds of CPU used since the start
    results_lost: int = 0  # lines that could not be written
    outages: OutageList = NO_OUTAGES
    standstills: Sequence[Standstill] = ()
    lost_workers: Sequence[LostWorker] = ()
    reason: str = ""  # why it ended, for people: "as planned"
    reading: Optional[Reading] = None  # None: made by the run itself
    running: bool = False  # True: figures so far
    stopping: bool = False  # True: it was stopped, and transfers in flight may finish
    breaking: Optional[BreakingPoint] = None  # if a threshold ended the run

    @property
    def seconds(self) -> float:
        """Seconds from the start to the end, or to now."""
        if self.reading:
            return self.reading.seconds
        return max(0, self.ended - self.started) / SECOND

    @property
    def _began(self) -> int:
        """The start of the run as a reading of its clock; 0 without jobs: it dates nothing."""
        return self.jobs[0].metrics.series.began if self.jobs else 0

    @property
    def slice(self) -> Optional[str]:
        """The slice that this machine sent, as in 3/10; None: the whole run, or a merge."""
        return None if self.plan.slice is None or self.reading else str(self.plan.slice)

    def utc(self, reading: int) -> int:
        """Convert a reading of the run's clock to nanoseconds since 1970."""
        return reading - self._began + self.started

    @cached_property
    def merged(self) -> Metrics:
        """The metrics of all jobs together."""
        total = Metrics(self._began)
        for job in self.jobs:
            total.merge(job.metrics)
        return total

    @cached_property
    def figures(self) -> RunFigures:
        """The figures of all jobs and of the total, whose rates are the sums of the jobs'."""
        jobs = {job.name: job.figures() for job in self.jobs}
        targets = [figures["target_rate"] for figures in jobs.values()]
        total = self.merged.figures(
            None if None in targets else sum(targets),
            sum(figures["achieved_rate"] for figures in jobs.values()),
            sum(job.in_flight for job in self.jobs),
            self._missing,
        )
        return RunFigures(jobs, total)

    @property
    def _missing(self) -> Optional[int]:
        """The sum over the jobs of the open model; None: there is none, or one is not known."""
        of_jobs = [job.missing for job in self.jobs if job.job.open]
        known = [missing for missing in of_jobs if missing is not None]
        return sum(known) if known and len(known) == len(of_jobs) else None

    @cached_property
    def verdicts(self) -> Mapping[str, Sequence[Verdict]]:
        """Every threshold judged, by job name; those of the total under `TOTAL`.

        The one that ended the run stays crossed, even if what was in flight has passed it again.
        """
        judged = {
            job.name: self.judged(job.name, job.job.limits, self.figures.jobs[job.name])
            for job in self.jobs
        }
        return {**judged, TOTAL: self.judged(TOTAL, self.plan.limits, self.figures.total)}

    def judged(self, name: str, limits: Limits, figures: Figures) -> Sequence[Verdict]:
        """Judge the thresholds of one job, or of TOTAL, on its figures; see `verdicts`."""
        return [
            verdict._replace(ok=verdict.ok and not self.broken_by(name, verdict))
            for verdict in judge(limits.thresholds, figures, self._before(name))
        ]

    def _before(self, name: str) -> Optional[Figures]:
        return self.plan.baseline.figures.get(name) if self.plan.baseline else None

    @cached_property
    def changes(self) -> Mapping[str, Sequence[Change]]:
        """The changes since the baseline, by job name; those of the total under `TOTAL`.

        Empty without a baseline; of a job that it does not have there are none.
        """
        baseline = self.plan.baseline
        if baseline is None:
            return {}
        figures = {**self.figures.jobs, TOTAL: self.figures.total}
        return {name: baseline.changes(name, now) for name, now in figures.items()}

    def broken_by(self, job: str, verdict: Verdict) -> Optional[BreakingPoint]:
        """Return the breaking point, if this threshold of a job, or of TOTAL, ended the run."""
        point = self.breaking
        same = point and (point.job, point.verdict.threshold) == (job, verdict.threshold)
        return point if same else None

    @property
    def crossed(self) -> Sequence[Verdict]:
        """The thresholds that are crossed, of all jobs and of the total."""
        return [
            verdict for judged in self.verdicts.values() for verdict in judged if not verdict.ok
        ]
