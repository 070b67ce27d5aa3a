"""What is common to a run in one process and one in several: how it stands, and when it aborts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from ..clock import SECOND, Clock
from .check import dispatch_seconds, expected_arrivals
from .files import first_names
from .outputs.job_view import STATES, JobView
from .plan import Job, Plan
from .stats.metrics import Metrics
from .stats.outages import Seen
from .stats.snapshot import TOTAL, JobEnd, RunEnd


class JobNow(NamedTuple):
    """One job as it stands, or one worker's slice of it."""

    state: str  # of view.STATES
    dispatching: float  # seconds from its first due time to the end of dispatching, or to now
    in_flight: int
    metrics: Metrics

    def joined(self, other: JobNow) -> JobNow:
        """Both slices as one: it is as far as the slice that is furthest behind."""
        metrics = Metrics(self.metrics.series.began)
        metrics.merge(self.metrics)
        metrics.merge(other.metrics)
        return JobNow(
            min(self.state, other.state, key=STATES.index),
            max(self.dispatching, other.dispatching),
            self.in_flight + other.in_flight,
            metrics,
        )


class UnderWay(ABC):
    """A run that has begun; `wait` returns when every arrival has its outcome."""

    was_cut = False
    reason = "as planned"

    def __init__(self, plan: Plan, clock: Clock, began: int) -> None:
        self.plan = plan
        self.clock = clock
        self.began = began  # a reading of the clock
        self._began_utc = clock.utc() - clock.now() + began
        self._expected = {job.name: _expected(job, plan) for job in plan.jobs}

    @abstractmethod
    def wait(self) -> None:
        """Return once every arrival of every job has its outcome; connections are closed then."""

    @abstractmethod
    def stop(self, reason: str) -> None:
        """Dispatch no more, and let what is in flight finish within the grace."""

    @abstractmethod
    def cut(self, reason: str) -> None:
        """End everything now."""

    @abstractmethod
    def reopen(self) -> None:
        """Open the results and log files anew, after logrotate has moved them."""

    @property
    @abstractmethod
    def broken(self) -> bool:
        """True if an unexpected error of fthg itself ended a part of it."""

    @property
    @abstractmethod
    def cpu(self) -> float:
        """Seconds of CPU used so far, in the process that used most."""

    @property
    @abstractmethod
    def results_lost(self) -> int:
        """Lines of the results file that could not be written."""

    @property
    @abstractmethod
    def outages(self) -> Seen:
        """The outages until now."""

    @abstractmethod
    def now(self) -> Mapping[str, JobNow]:
        """Every job, by its name."""

    def so_far(self) -> RunEnd:
        """All that is known now; at the end, all there is to know."""
        jobs = self.now()
        return RunEnd(
            self.plan,
            self._began_utc,
            self._began_utc + max(0, self.clock.now() - self.began),
            [
                JobEnd(
                    job,
                    jobs[job.name].metrics,
                    jobs[job.name].dispatching,
                    jobs[job.name].in_flight,
                )
                for job in self.plan.jobs
            ],
            cpu=self.cpu,
            results_lost=self.results_lost,
            outages=self.outages,
            reason=self.reason,
        )

    def views(self) -> Sequence[JobView]:
        """Every job as the live view shows it."""
        jobs = self.now()
        return [self._view(job, jobs[job.name]) for job in self.plan.jobs]

    def _view(self, job: Job, now: JobNow) -> JobView:
        start = self.began + round(job.start_after * SECOND)
        waiting = now.state == "waiting"
        return JobView(
            job.name,
            now.state,
            (self.clock.now() - start) / SECOND if waiting else now.dispatching,
            dispatch_seconds(job, self.plan),
            self._expected[job.name],
            job.rate,
            now.in_flight,
            job.limit,
            now.metrics,
        )

    def watch_thresholds(self) -> None:
        """Stop the run as soon as a threshold is crossed that is to abort it; never returns."""
        aborting = {job.name: job.limits for job in self.plan.jobs if job.limits.abort}
        if self.plan.limits.abort:
            aborting[TOTAL] = self.plan.limits
        while aborting:
            self.clock.sleep_until(self.clock.now() + SECOND)
            elapsed = (self.clock.now() - self.began) / SECOND
            due = {name for name, limits in aborting.items() if elapsed >= limits.abort_after}
            crossed = self._crossed(due)
            if crossed:
                self.stop(f"threshold crossed: {crossed}")
                return

    def _crossed(self, names: set[str]) -> Optional[str]:
        end = self.so_far()
        for name, verdicts in end.verdicts(end.figures()).items():
            for verdict in verdicts:
                if name in names and not verdict.ok and verdict.found is not None:
                    return verdict.threshold.text
        return None


def _expected(job: Job, plan: Plan) -> Optional[int]:
    """How many arrivals there will be at most, where that is known."""
    listed = 0 if job.source.repeat else len(first_names(job.source))
    return expected_arrivals(job, plan, listed)
