"""The interface of a run, whether it is in one process or in several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from ..clock import SECOND, Clock
from ..log import Logs
from ..standstill import Standstill
from .expected import dispatch_seconds, final_count
from .files.first import first_names
from .outputs.group import OutputGroup
from .plan import Job, Plan
from .stats.job_snapshot import STATES, JobSnapshot
from .stats.metrics import Metrics
from .stats.outages import OutageList
from .stats.snapshot import BreakingPoint, LostWorker, RunSnapshot
from .stats.stage_metrics import StageMetrics

_HURRIED = 0.8  # seconds: results, summary and each log output together take less than five


class JobState(NamedTuple):
    """The progress of a job, or of one worker's slice of it: see `JobPart`."""

    state: str
    dispatching: float
    in_flight: int


class JobPart(NamedTuple):
    """One job, or one worker's slice of it."""

    state: str  # of STATES
    dispatching: float  # seconds from its first due time to the end of dispatching, or to now
    in_flight: int
    metrics: Metrics
    stages: Sequence[StageMetrics] = ()  # of a job with stages: the results of each slice by stage

    def joined(self, other: JobPart) -> JobPart:
        """Return both slices as one: it is as far as the slice that is furthest behind."""
        metrics = Metrics(self.metrics.series.began)
        metrics.merge(self.metrics)
        metrics.merge(other.metrics)
        return JobPart(
            min(self.state, other.state, key=STATES.index),
            max(self.dispatching, other.dispatching),
            self.in_flight + other.in_flight,
            metrics,
            [*self.stages, *other.stages],
        )


class Run(ABC):
    """A run that has started; `wait` returns when every arrival has its outcome."""

    was_cut = False
    hurried = False
    ending = False
    """True once its outputs are being ended."""
    reason = "as planned"
    breaking: Optional[BreakingPoint] = None

    def __init__(
        self,
        plan: Plan,
        clock: Clock,
        began: int,
        outputs: OutputGroup,
        logs: Optional[Logs] = None,
    ) -> None:
        self.plan = plan
        self.clock = clock
        self.began = began  # a reading of the clock
        self.outputs = outputs
        self.logs = logs
        # Of a start moment not the reading: it would be shown as the second before it.
        self._began_utc = clock.utc_offset() + began if plan.start_at is None else plan.start_at
        self._ended: Optional[int] = None  # when the last arrival had its outcome
        self._expected = {job.name: _expected(job, plan) for job in plan.jobs}

    @abstractmethod
    def wait(self) -> None:
        """Return once every arrival of every job has its outcome; connections are closed then."""

    @abstractmethod
    def stop(self, reason: str) -> None:
        """Dispatch no more, and let transfers in flight finish within the grace."""

    @abstractmethod
    def cut(self, reason: str) -> None:
        """End everything now."""

    @abstractmethod
    def write_off(self, reason: str) -> None:
        """Count transfers in flight as cancelled, for an end without the loop, from any thread."""

    @property
    def over(self) -> bool:
        """True once every arrival has its outcome."""
        return self._ended is not None

    def reopen(self) -> None:
        """Open the results and log files again, after logrotate has moved them."""
        self.outputs.reopen()
        if self.logs is not None:
            self.logs.reopen()

    def hurry(self) -> None:
        """Shorten the wait for each hanging file at the end to a moment."""
        self.hurried = True
        self.outputs.hurry(_HURRIED)
        if self.logs is not None:
            self.logs.hurry(_HURRIED)

    def end(self) -> None:
        """Write the log lines that are held back, and end the outputs, the terminal last."""
        self.ending = True
        if self.logs is not None:
            self.logs.release()
        self.outputs.end(self.snapshot)

    @property
    def broken(self) -> bool:
        """True if an unexpected error of fthg itself ended a part of it."""
        return self.outputs.broken

    @property
    def errors(self) -> Sequence[str]:
        """The errors of outputs that could not be written."""
        return self.outputs.errors

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
    def outages(self) -> OutageList:
        """The outages until now."""

    @property
    @abstractmethod
    def standstills(self) -> Sequence[Standstill]:
        """The standstills of processes that send, until now."""

    @property
    def lost_workers(self) -> Sequence[LostWorker]:
        """The workers that died, or had to be killed."""
        return ()

    @abstractmethod
    def parts(self) -> Mapping[str, JobPart]:
        """Return every job as it is now, by its name."""

    def snapshot(self) -> RunSnapshot:
        """Return a snapshot of the present figures; at the end, the final ones."""
        parts = self.parts()
        running = self._ended is None
        ended = self.clock.now() if self._ended is None else self._ended
        return RunSnapshot(
            self.plan,
            self._began_utc,
            self._began_utc + max(0, ended - self.began),
            [self._job(job, parts[job.name]) for job in self.plan.jobs],
            cpu=self.cpu,
            results_lost=self.results_lost,
            outages=self.outages,
            standstills=self.standstills,
            lost_workers=self.lost_workers,
            reason="" if running else self.reason,
            breaking=self.breaking,
            running=running,
            stopping=running and self.reason != Run.reason,
        )

    def _job(self, job: Job, part: JobPart) -> JobSnapshot:
        start = self.began + round(job.start_after * SECOND)
        return JobSnapshot(
            job,
            part.metrics,
            part.dispatching,
            part.in_flight,
            part.state,
            starts_in=max(0, start - self.clock.now()) / SECOND,
            duration=dispatch_seconds(job, self.plan),
            count=self._expected[job.name],
            stages=part.stages,
        )


def _expected(job: Job, plan: Plan) -> Optional[int]:
    listed = 0 if job.source.repeat else len(first_names(job.source))
    return final_count(job, plan, listed)
