"""A run in one process: all jobs of a plan at once, or one slice of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Optional

import gevent

from ..clock import SECOND, Clock
from ..log import Logs, Masks
from ..protocols.base import Sender
from ..results.file import ResultsFile
from ..transfer import Result, cut_detail
from .job import RunningJob
from .outputs.transfer_log import log_outage, log_result, log_unended
from .plan import Job, Plan
from .stats.histogram import Histogram
from .stats.outages import Outages, Seen
from .stats.tally import Tally
from .under_way import JobNow, UnderWay

Names = Iterator[Optional[str]]


class Run(UnderWay):
    """All jobs from their first due time on, with what became of each arrival."""

    def __init__(
        self,
        plan: Plan,
        senders: Mapping[str, Sender],
        names: Mapping[str, Names],
        clock: Clock,
        began: int,
        results: Optional[ResultsFile] = None,
        logs: Optional[Logs] = None,
    ) -> None:
        super().__init__(plan, clock, began)
        self._results = results
        self._logs = logs
        self._cpu = time.process_time()
        self._mask = Masks(plan.secrets)
        self._tally = Tally(began, [job.name for job in plan.jobs])
        self._outages = Outages(self._last_end)
        self._jobs = [
            RunningJob(
                job,
                senders[job.name],
                names[job.name],
                clock,
                self._record,
                began + round(job.start_after * SECOND),
                self._end_of(job),
            )
            for job in plan.jobs
        ]

    def _end_of(self, job: Job) -> Optional[int]:
        ends = []
        if job.duration is not None:
            ends.append(job.start_after + job.duration)
        if self.plan.duration is not None:
            ends.append(self.plan.duration)
        return self.began + round(min(ends) * SECOND) if ends else None

    def _record(self, result: Result) -> None:
        if result.detail:  # what a server says may repeat what it was sent
            detail = cut_detail(self._mask.excerpt(result.detail))
            result = result._replace(detail=detail)
        outage = bool(result.error or self._outages.failing) and self._is_outage(result)
        self._tally.record(result)
        if self._results is not None:
            self._results.write(result)
        log_result(result, outage)

    def _is_outage(self, result: Result) -> bool:
        """True if the result belongs to an outage, which was told when it began."""
        changed = self._outages.record(result)
        if changed:
            log_outage(changed, result, self._began_utc + changed.start - self.began)
        return self._outages.under_way(result.job)

    def _last_end(self, job: str) -> Optional[int]:
        return self._tally.metrics()[job].last_end

    def wait(self) -> None:
        """Return once every arrival of every job has its outcome; connections are closed then."""
        grace = self.plan.graceful_stop
        try:
            gevent.joinall([gevent.spawn(job.run_out, grace) for job in self._jobs])
        finally:
            gevent.joinall([gevent.spawn(job.close) for job in self._jobs], timeout=5)
        for outage in self._outages.open():
            log_unended(outage)

    def stop(self, reason: str) -> None:
        """Dispatch no more, and let what is in flight finish within the grace."""
        self.reason = reason
        for job in self._jobs:
            job.stop()

    def cut(self, reason: str) -> None:
        """End everything now."""
        self.was_cut = True
        self.reason = reason
        gevent.joinall([gevent.spawn(job.cut) for job in self._jobs])

    def reopen(self) -> None:
        """Open the results and log files anew, after logrotate has moved them."""
        for output in (self._results, self._logs):
            if output is not None:
                output.reopen()

    @property
    def broken(self) -> bool:
        """True if an unexpected error of fthg itself ended one of the jobs."""
        return any(job.broken for job in self._jobs)

    @property
    def cpu(self) -> float:
        """Seconds of CPU used since it began."""
        return time.process_time() - self._cpu

    @property
    def results_lost(self) -> int:
        """Lines of the results file that could not be written."""
        return self._results.lost if self._results is not None else 0

    @property
    def outages(self) -> Seen:
        """The outages until now."""
        return self._outages.seen()

    def lateness(self) -> Sequence[Histogram]:
        """The lateness of each job's transfers so far."""
        return [metrics.lateness for metrics in self._tally.metrics().values()]

    def now(self) -> Mapping[str, JobNow]:
        """Every job that this process has a part in, by its name."""
        metrics = self._tally.metrics()
        return {
            running.job.name: JobNow(
                running.state,
                running.dispatch_seconds,
                running.in_flight,
                metrics[running.job.name],
            )
            for running in self._jobs
        }
