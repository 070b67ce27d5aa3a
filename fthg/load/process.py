"""A run in one process: all jobs of a plan at once, or one slice of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

import gevent

from ..clock import SECOND, Clock
from ..log import Logs, Masks
from ..protocols.base import Sender
from ..standstill import Standstill, joined
from ..transfer import Result, cut_detail
from .expected import dispatch_time
from .job import RunningJob
from .news import News
from .outputs.group import OutputGroup
from .plan import Job, Plan
from .run import JobPart, JobState, Run
from .standstills import Standstills
from .stats.outages import OutageList, Outages
from .stats.stage_metrics import StageMetrics, StageRecorder
from .stats.stage_times import StageFinder
from .stats.tally import Tally

Names = Iterator[Optional[str]]

_CLOSE_TIMEOUT, _CLOSE_TIMEOUT_CUT = 2, 1  # seconds; Sender.close promises one


class ProcessRun(Run):
    """All jobs from their first due time on; the outputs receive the result of each arrival."""

    def __init__(
        self,
        plan: Plan,
        senders: Mapping[str, Sender],
        names: Mapping[str, Names],
        clock: Clock,
        began: int,
        outputs: Optional[OutputGroup] = None,
        logs: Optional[Logs] = None,
    ) -> None:
        super().__init__(plan, clock, began, outputs or OutputGroup([], clock), logs)
        self._cpu = time.process_time()
        self._mask = Masks(plan.secrets)
        self._tally = Tally(began)
        for job in plan.jobs:
            self._tally.add(job.name, self._stages_of(job))
        self._outages = Outages()
        self.outputs.start(plan)
        self._jobs = [
            RunningJob(
                job,
                senders[job.name],
                names[job.name],
                clock,
                self._record,
                self._start_of(job),
                self._end_of(job),
            )
            for job in plan.jobs
        ]
        self._standstills = Standstills(clock, self._overdue, self.outputs.standstill)
        self._standstills.start()

    def _start_of(self, job: Job) -> int:
        return self.began + round(job.start_after * SECOND)

    def _stages_of(self, job: Job) -> Optional[StageRecorder]:
        if not job.pacer.stages:
            return None
        stages, start = StageFinder(job.pacer), self._start_of(job)
        return StageRecorder(lambda result: stages.at(result.due - start))

    def _overdue(self, moment: int) -> bool:
        return any(job.overdue(moment) for job in self._jobs)

    def _end_of(self, job: Job) -> Optional[int]:
        time = dispatch_time(job, self.plan)
        return None if time is None else self.began + round(job.start_after * SECOND) + time

    def _record(self, result: Result) -> None:
        if result.detail:  # an answer may repeat secrets of the request
            result = result._replace(detail=cut_detail(self._mask.excerpt(result.detail)))
        if not self.stood_still(result):
            outage = self._outages.record(result)
            if outage:
                self.outputs.outage(outage)
        if result.outcome == "dropped":
            self._standstills.count(result)
        self._tally.record(result)
        self.outputs.record((result,))

    def stood_still(self, result: Result) -> bool:
        """Return True for a failure that fell into a standstill: it is not the server's."""
        return bool(result.error) and self.clock.lag.overlaps(result.start, result.end)

    def wait(self) -> None:
        """Return once every arrival of every job has its outcome; connections are closed then."""
        grace = self.plan.graceful_stop
        try:
            gevent.joinall([gevent.spawn(job.run_out, grace) for job in self._jobs])
        except BaseException:  # or transfers would continue while the outputs end
            self.cut("interrupted")
            raise
        finally:
            self._ended = self.clock.now()
            self._standstills.stop()
            closing = [gevent.spawn(job.close) for job in self._jobs]
            gevent.joinall(closing, _CLOSE_TIMEOUT_CUT if self.was_cut else _CLOSE_TIMEOUT)

    def stop(self, reason: str) -> None:
        """Dispatch no more, and let transfers in flight finish within the grace."""
        self.reason = reason
        for job in self._jobs:
            job.stop()

    def cut(self, reason: str) -> None:
        """End everything now."""
        self.was_cut = True
        self.hurry()
        self.reason = reason
        gevent.joinall([gevent.spawn(job.cut) for job in self._jobs])

    def write_off(self, reason: str) -> None:
        """Count transfers in flight as cancelled, for an end without the loop, from any thread."""
        self.was_cut = True
        self.hurry()
        self.reason = reason
        for job in self._jobs:
            job.write_off()
        self._ended = self._ended or self.clock.now()
        self._standstills.stop()

    @property
    def broken(self) -> bool:
        """True if an unexpected error of fthg itself ended a job or an output."""
        return super().broken or any(job.broken for job in self._jobs)

    @property
    def cpu(self) -> float:
        """Seconds of CPU used since it started."""
        return time.process_time() - self._cpu

    @property
    def results_lost(self) -> int:
        """Lines of the results file that could not be written."""
        return self.outputs.lost

    @property
    def outages(self) -> OutageList:
        """The outages until now; in a worker those of its own slices."""
        return self._outages.found()

    @property
    def standstills(self) -> Sequence[Standstill]:
        """The standstills of this process until now."""
        return joined(self._standstills.found)

    def parts(self) -> Mapping[str, JobPart]:
        """Return every job that this process has a part in, by its name."""
        metrics = self._tally.metrics()
        return {
            name: JobPart(*state, metrics[name], self._stage_metrics(name))
            for name, state in self._states()
        }

    def news(self, most: int) -> News:
        """Return the changes since the last call, with the results of at most `most` jobs."""
        taken = frozenset(self._tally.take_news(most))
        metrics, waiting = self._tally.metrics(), self._tally.news
        parts, states = {}, {}
        for name, state in self._states():
            if name in taken:
                parts[name] = JobPart(*state, metrics[name].news(), self._stage_metrics(name))
            elif name not in waiting:
                states[name] = state
        return News(parts, states, complete=len(parts) + len(states) == len(self._jobs))

    def _states(self) -> Iterator[tuple[str, JobState]]:
        for job in self._jobs:
            yield job.job.name, JobState(job.state, job.dispatch_seconds, job.in_flight)

    def _stage_metrics(self, name: str) -> Sequence[StageMetrics]:
        return [stages] if (stages := self._tally.stages(name)) else []
