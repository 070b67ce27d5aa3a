"""A job at one moment, or at its end: its figures, target and progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Optional

from ...clock import SECOND
from ...slices import WHOLE
from ...verdicts.thresholds import Figures
from ..pacing import Pacer
from ..pacing.part import PartPacer
from ..plan import Job
from .metrics import Metrics
from .stage_figures import mean_rate, mean_target, stage_figures
from .stage_metrics import StageMetrics
from .stage_times import StagedTime, time_so_far

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
