"""A run at one moment, or at its end: all that outputs, thresholds and people see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...slices import WHOLE
from ...standstill import Standstill
from ...verdicts.thresholds import Figures, Verdict, judge
from ..pacing import Pacer
from ..pacing.part import PartPacer
from ..plan import Job, Limits, Plan
from .metrics import Metrics
from .outages import NO_OUTAGES, OutageList
from .stage_figures import mean_rate, mean_target, stage_figures
from .stage_metrics import StageMetrics
from .stage_times import StagedTime, time_so_far

TOTAL = ""
"""The key of the total in mappings by job name."""

STATES = ("waiting", "running", "stopping", "done")
"""The states of a job, in order."""


@dataclass(frozen=True)
class JobSnapshot:
    """One job; durations in seconds."""

    job: Job
    metrics: Metrics  # of a running job: not a copy
    dispatching: float  # from its first due time to the end of its dispatching, or to now
    in_flight: int = 0
    state: str = "done"  # of STATES
    starts_in: float = 0.0  # until its first due time, while it waits for that
    duration: Optional[float] = None  # how long it may dispatch; None: until stopped
    count: Optional[int] = None  # arrivals that it will have; None: unknown
    stages: Sequence[StageMetrics] = ()  # of slices or runs of a job with stages, to be added up
    missing: Optional[int] = 0
    """Arrivals below the greatest number that have no line in results files; None: unknown."""

    @property
    def name(self) -> str:
        """The name of the job."""
        return self.job.name

    @cached_property
    def staged(self) -> Sequence[StagedTime]:
        """The schedule of its stages so far, in each run; empty without stages."""
        pacer = self.job.pacer
        if not pacer.stages:
            return ()
        longest = None if self.duration is None else round(self.duration * SECOND)
        until = time_so_far(pacer, round(self.dispatching * SECOND), longest)
        return (StagedTime(pacer, until, self.job.slice),)

    @property
    def target_rate(self) -> Optional[float]:
        """Files a second, the mean so far; None for `max`."""
        if self.staged:
            return mean_target(self.staged)
        rate = self._pacer.mean_rate(self._elapsed)
        return None if rate is None else float(rate)

    @property
    def rate_now(self) -> Optional[float]:
        """Files a second, of this slice, that the schedule has at this moment; None for `max`."""
        rate = self.job.pacer.rate_at(round(self.dispatching * SECOND))
        return None if rate is None else float(rate / self.job.slice.of)

    @property
    def target_now(self) -> Optional[float]:
        """As `rate_now`, and 0 while nothing is dispatched."""
        rate = self.rate_now
        return rate if rate is None or self.state == "running" else 0.0

    @property
    def achieved_rate(self) -> float:
        """Transfers started a second.

        Each arrival stands for the whole period until the next is due, so the time is at least
        that of all arrivals at the target rate: an undisturbed job shows its target exactly,
        wherever between two arrivals it ends. With no target (rate `max`) the time is at least
        that from its first due time until its last transfer ended.
        """
        if self.staged:
            return mean_rate(self.sent, self.staged)
        seconds = Fraction(self._elapsed, SECOND)  # as for the target
        if not self.job.pacer.has_target:
            seconds = max(seconds, self.metrics.seconds)
        else:
            seconds = max(seconds, self._pacer.seconds(self.metrics.scheduled + self.in_flight))
        return float(self.sent / seconds) if seconds > 0 else 0.0

    @cached_property
    def _pacer(self) -> Pacer:
        """The pacer of its own arrivals."""
        job = self.job
        return job.pacer if job.slice == WHOLE else PartPacer(job.pacer, job.slice)

    @property
    def _elapsed(self) -> int:
        """Nanoseconds of dispatching as its own pacer counts them."""
        since = self._pacer.since if isinstance(self._pacer, PartPacer) else 0
        return max(0, round(self.dispatching * SECOND) - since)

    @property
    def sent(self) -> int:
        """Transfers started so far."""
        return self.metrics.sent + self.in_flight

    @property
    def progress(self) -> Optional[float]:
        """The part that is done, from 0 to 1; None where no end is set."""
        shares = []
        if self.duration:
            shares.append(self.dispatching / self.duration)
        if self.count:
            missed = self.job.joined.missed if self.job.joined else 0
            shares.append((missed + self.metrics.scheduled + self.in_flight) / self.count)
        return min(1.0, max(shares)) if shares else None

    def figures(self) -> Figures:
        """Return the figures of this job, as the summary's JSON has them."""
        missing = self.missing if self.job.open else None
        return self.metrics.figures(self.target_rate, self.achieved_rate, self.in_flight, missing)

    def stage_figures(self) -> Sequence[Figures]:
        """Return the figures of each stage that has begun, as the summary's JSON has them."""
        return stage_figures(self.staged, self.stages, self.in_flight)


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
    killed: bool  # as it did not end
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
            for verdict in judge(limits.thresholds, figures)
        ]

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
