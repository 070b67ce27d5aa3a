"""A run: all jobs of a plan at once, from the first due time to the last outcome."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Optional

import gevent

from ..clock import SECOND, Clock
from ..protocols.base import Sender
from ..transfer import Result
from .check import expected_arrivals
from .ended import TOTAL, JobEnd, RunEnd
from .files import first_names, names
from .job import RunningJob
from .metrics import Metrics
from .plan import Job, Plan
from .result_log import log_result
from .results import ResultsFile
from .view import JobView


class Run:
    """What is under way: it begins when it is made, `wait` returns when all has its outcome."""

    def __init__(
        self,
        plan: Plan,
        senders: Mapping[str, Sender],
        clock: Clock,
        results: Optional[ResultsFile] = None,
    ) -> None:
        self.plan = plan
        self.was_cut = False
        self.reason = "as planned"
        self._clock = clock
        self._results = results
        sources = {job.name: names(job.source) for job in plan.jobs}
        self._expected = {job.name: _expected(job, plan) for job in plan.jobs}
        self._began = clock.now()
        self._began_utc = clock.utc()
        self._cpu = time.process_time()
        self._metrics = {job.name: Metrics(self._began) for job in plan.jobs}
        self._jobs = [
            RunningJob(
                job,
                senders[job.name],
                sources[job.name],
                clock,
                self._record,
                self._began + round(job.start_after * SECOND),
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
        return self._began + round(min(ends) * SECOND) if ends else None

    def _record(self, result: Result) -> None:
        self._metrics[result.job].record(result)
        if self._results is not None:
            self._results.write(result)
        log_result(result)

    def wait(self) -> None:
        """Return once every arrival of every job has its outcome; connections are closed then."""
        watch = gevent.spawn(self._watch_thresholds)
        try:
            gevent.joinall(
                [gevent.spawn(job.run_out, self.plan.graceful_stop) for job in self._jobs]
            )
        finally:
            watch.kill()
            gevent.joinall([gevent.spawn(job.close) for job in self._jobs], timeout=5)

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

    @property
    def broken(self) -> bool:
        """True if an unexpected error of fthg itself ended one of the jobs."""
        return any(job.broken for job in self._jobs)

    def _watch_thresholds(self) -> None:
        aborting = {job.name: job.limits for job in self.plan.jobs if job.limits.abort}
        if self.plan.limits.abort:
            aborting[TOTAL] = self.plan.limits
        while aborting:
            self._clock.sleep_until(self._clock.now() + SECOND)
            elapsed = (self._clock.now() - self._began) / SECOND
            end = self.so_far()
            for name, verdicts in end.verdicts(end.figures()).items():
                for verdict in verdicts:
                    due = name in aborting and elapsed >= aborting[name].abort_after
                    if due and not verdict.ok and verdict.found is not None:
                        self.stop(f"threshold crossed: {verdict.threshold.text}")
                        return

    def so_far(self) -> RunEnd:
        """All that is known now; at the end, all there is to know."""
        return RunEnd(
            self.plan,
            self._began_utc,
            self._began_utc + self._clock.now() - self._began,
            [
                JobEnd(job.job, self._metrics[job.job.name], job.dispatch_seconds, job.in_flight)
                for job in self._jobs
            ],
            cpu=time.process_time() - self._cpu,
            results_lost=self._results.lost if self._results else 0,
            reason=self.reason,
        )

    def views(self) -> Sequence[JobView]:
        """Every job as the live view shows it."""
        now = self._clock.now()
        return [
            JobView(
                running.job.name,
                running.state,
                (now - running.start) / SECOND
                if running.state == "waiting"
                else running.dispatch_seconds,
                running.duration,
                self._expected[running.job.name],
                running.job.rate,
                running.in_flight,
                running.job.limit,
                self._metrics[running.job.name],
            )
            for running in self._jobs
        ]


def _expected(job: Job, plan: Plan) -> Optional[int]:
    """How many arrivals there will be at most, where that is known."""
    listed = 0 if job.source.repeat else len(first_names(job.source))
    return expected_arrivals(job, plan, listed)
