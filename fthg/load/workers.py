"""A run in several processes: each has a slice of every job; the parent merges their reports.

Arrival n belongs to slice n mod N, so the rates are exact with no message between the workers. They
report twice a second, take commands from a socket, and leave signals to the parent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import gevent

from ..clock import Clock
from ..log import Log
from ..standstill import Standstill, joined
from .messages import receive, send
from .outputs.group import OutputGroup
from .plan import Plan, Slice
from .run import JobPart, Run
from .standstills import Standstills, log_standstill
from .stats.joined_outages import JoinedOutages
from .stats.metrics import Metrics
from .stats.outages import Outage, OutageList
from .worker import MakePart, Report, Worker, start_worker

_log = Log(__name__)


PrintLine = Callable[[str], None]
"""Prints a line that a worker wrote to standard error."""


class WorkersRun(Run):
    """The run as the parent sees it: the workers' reports, merged."""

    def __init__(
        self,
        plan: Plan,
        clock: Clock,
        began: int,
        make_part: MakePart,
        outputs: OutputGroup,
        print_line: PrintLine,
    ) -> None:
        super().__init__(plan, clock, began, outputs)
        self._reports: dict[int, Report] = {}
        self._joined = JoinedOutages(plan.workers)
        self._died = 0
        self._print_line = print_line
        self._workers = [
            start_worker(Slice(index, plan.workers), make_part, clock)
            for index in range(plan.workers)
        ]
        self._standstills = Standstills(clock, lambda _: False, self._log_standstill)
        self._standstills.start()
        self._listeners = [
            gevent.spawn(listen, index, worker)
            for index, worker in enumerate(self._workers)
            for listen in (self._receive_reports, self._relay_stderr)
        ]

    def _log_standstill(self, standstill: Standstill) -> None:
        """Log one of this process: it sends nothing, so the workers' figures are as they were."""
        log_standstill(standstill, self.clock, "the parent of the workers stood still")

    def _relay_stderr(self, _: int, worker: Worker) -> None:
        with worker.errors.makefile(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self._print_line(line.rstrip("\n"))

    def _receive_reports(self, index: int, worker: Worker) -> None:
        while True:
            report = receive(worker.line)
            if report is None:
                self._on_worker_exit(index, worker)
                return
            self._reports[index] = report
            if report.results:
                self.outputs.record(report.results)
            self._announce(self._joined.add(index, report.evidence))
            if report.done:
                self._announce(self._joined.leave(index))
                os.waitpid(worker.pid, 0)
                return

    def _announce(self, outages: Sequence[Outage]) -> None:
        for outage in outages:
            self.outputs.outage(outage)

    def _on_worker_exit(self, index: int, worker: Worker) -> None:
        """Log that a worker died; what it had in flight counts as cancelled."""
        os.waitpid(worker.pid, 0)
        self._died += 1
        last = self._reports.get(index)
        in_flight = sum(part.in_flight for part in last.jobs.values()) if last else 0
        _log.error(
            "a worker died; its slice is sent no more, the others go on",
            worker=index,
            pid=worker.pid,
            in_flight=in_flight,
        )
        if last:
            jobs = {name: _cancelled(part) for name, part in last.jobs.items()}
            self._reports[index] = last._replace(jobs=jobs)
        self._announce(self._joined.leave(index))

    def wait(self) -> None:
        """Return once every worker has ended."""
        gevent.joinall(self._listeners)
        self._ended = self.clock.now()
        self._standstills.stop()
        for worker in self._workers:
            worker.line.close()
            worker.errors.close()

    def stop(self, reason: str) -> None:
        """Dispatch no more, and let what is in flight finish within the grace."""
        self.reason = reason
        self._command("stop")

    def cut(self, reason: str) -> None:
        """End everything now."""
        self.was_cut = True
        self.hurry()
        self.reason = reason
        self._command("cut")

    def write_off(self, reason: str) -> None:
        """Count what is in flight as cancelled; the workers cut once this process is gone."""
        self.was_cut = True
        self.reason = reason
        for index, last in list(self._reports.items()):
            jobs = {name: _cancelled(part) for name, part in last.jobs.items()}
            self._reports[index] = last._replace(jobs=jobs)
        self._ended = self._ended or self.clock.now()
        self._standstills.stop()

    def reopen(self) -> None:
        """Let every worker open its files again, too."""
        super().reopen()
        self._command("reopen")

    def _command(self, command: str) -> None:
        for worker in self._workers:
            with suppress(OSError):  # it may have ended
                send(worker.line, command)

    @property
    def broken(self) -> bool:
        """True if a worker died, or met an unexpected error."""
        broken = any(report.broken for report in self._reports.values())
        return super().broken or self._died > 0 or broken

    @property
    def errors(self) -> Sequence[str]:
        """What the outputs, here and in the workers, could not write."""
        errors = [error for report in self._reports.values() for error in report.errors]
        return [*super().errors, *dict.fromkeys(errors)]

    @property
    def cpu(self) -> float:
        """Seconds of CPU of the busiest worker."""
        return max((report.cpu for report in self._reports.values()), default=0.0)

    @property
    def results_lost(self) -> int:
        """Lines that the workers could not write."""
        return sum(report.results_lost for report in self._reports.values())

    @property
    def outages(self) -> OutageList:
        """The outages until the last moment that all workers have reported on."""
        return self._joined.found()

    @property
    def standstills(self) -> Sequence[Standstill]:
        """The standstills of workers until now, overlapping ones as one."""
        return joined(one for report in self._reports.values() for one in report.standstills)

    def parts(self) -> Mapping[str, JobPart]:
        """Return every job, its slices joined."""
        joined = {job.name: JobPart("done", 0.0, 0, Metrics(self.began)) for job in self.plan.jobs}
        if not self._reports:
            return {name: part._replace(state="waiting") for name, part in joined.items()}
        for report in self._reports.values():
            for name, part in report.jobs.items():
                joined[name] = joined[name].joined(part)
        return joined


def _cancelled(part: JobPart) -> JobPart:
    """Return the job of a worker that died, by its last report: what was in flight is cancelled."""
    part.metrics.outcomes["cancelled"] += part.in_flight
    part.metrics.sent += part.in_flight
    return part._replace(state="done", in_flight=0)
