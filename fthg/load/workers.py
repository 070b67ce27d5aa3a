"""A run in several processes: each has a slice of every job; the parent merges their reports.

Arrival n belongs to slice n mod N, so the rates are exact with no message between the workers. They
report twice a second, take commands from a socket, and leave signals to the parent. Of one that
does not end the last report counts, as of one that dies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

import gevent

from ..clock import SECOND, Clock
from ..log import Log
from ..processes.child import Child, drain_children, end_children, show_status
from ..processes.error_lines import PrintLine, relay_lines
from ..standstill import Standstill, joined
from .forking import start_workers
from .liveness import SILENCE, Liveness
from .news import KnownJobs
from .outputs.group import OutputGroup
from .plan import Plan
from .run import JobPart, Run
from .standstills import Standstills, log_standstill
from .stats.joined_outages import JoinedOutages
from .stats.metrics import Metrics
from .stats.outages import Outage, OutageList
from .stats.snapshot import LostWorker
from .worker import MakePart, Report, work

_log = Log(__name__)

_LOOK = SECOND // 10
_LAST_LINES = 0.3  # seconds for reading what ended workers wrote to standard error
_LAST_REPORTS = 0.5  # seconds for workers to end and report, where the loop has no turn


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
        self._reports: dict[int, Report] = {}  # the newest of each with which its jobs are known
        self._known = [KnownJobs() for _ in range(plan.workers)]
        self._joined = JoinedOutages(plan.workers)
        self._lost: list[LostWorker] = []
        self._workers = start_workers(
            plan.workers, lambda slice_, ends: work(slice_, make_part, clock, ends), clock
        )
        self._left = dict(enumerate(self._workers))  # those that have not ended
        self._liveness = Liveness(plan.workers, plan.graceful_stop, clock.now())
        self._killed: set[int] = set()
        self._standstills = Standstills(clock, lambda _: False, self._log_standstill)
        self._standstills.start()
        self._receiving = [gevent.spawn(self._receive_reports, *one) for one in self._left.items()]
        self._relaying = [
            gevent.spawn(relay_lines, one.errors, print_line) for one in self._workers
        ]
        self._watching = gevent.spawn(self._watch)

    def _log_standstill(self, standstill: Standstill) -> None:
        """Log a standstill of this process, which sends nothing: no figures are affected."""
        log_standstill(standstill, self.clock, "the parent of the workers stood still")

    # --- the workers

    def _receive_reports(self, index: int, worker: Child) -> None:
        while True:
            report = worker.inbox.receive()
            if report is None:
                self._on_worker_lost(index, worker)
                return
            self._take(index, report)
            if report.done:
                self._on_worker_exit(index, worker)
                return

    def _take(self, index: int, report: Report) -> None:
        if self._liveness.report(index, self.clock.now()):
            _log.warning("a worker reports again", worker=index, pid=self._workers[index].pid)
        self._known[index].take(report.jobs)
        if report.jobs.complete or index in self._reports:
            self._reports[index] = report
        if report.results:
            self.outputs.record(report.results)
        self._announce(self._joined.add(index, report.evidence))

    def _announce(self, outages: Sequence[Outage]) -> None:
        for outage in outages:
            self.outputs.outage(outage)

    def _on_worker_exit(self, index: int, worker: Child) -> Optional[int]:
        """Return the wait status of a worker that reports no more; None if it cannot be ended."""
        self._liveness.leave(index)
        self._announce(self._joined.leave(index))
        status = worker.reap(self.clock)
        del self._left[index]
        return status

    def _on_worker_lost(self, index: int, worker: Child) -> None:
        """Log that a worker died; what it had in flight counts as cancelled."""
        known = index in self._reports
        in_flight = self._known[index].in_flight if known else 0
        self._known[index].cancel()
        heard = self._liveness.last_report(index) if known else None
        status = self._on_worker_exit(index, worker)
        killed = index in self._killed
        cause = "it did not answer" if killed else show_status(status)
        self._lost.append(LostWorker(index, worker.pid, heard, in_flight, killed, cause))
        _log.error(
            "a worker did not end and was killed"
            if killed
            else "a worker died; its slice is sent no more, the others go on",
            worker=index,
            pid=worker.pid,
            in_flight=in_flight,
            cause=cause,
        )

    def _watch(self) -> None:
        """Report workers that are silent, and kill those that do not end in time."""
        while True:
            self.clock.sleep_until(self.clock.now() + _LOOK)
            now, awake = self.clock.now(), self.clock.lag.grace_ends
            for index in self._liveness.newly_silent(now, awake):
                _log.warning(
                    "a worker is silent; if it still is when the run ends, it is killed",
                    worker=index,
                    pid=self._left[index].pid,
                    seconds=SILENCE // SECOND,
                )
            for index in self._liveness.overdue(now, awake):
                if index not in self._killed:
                    self._killed.add(index)
                    self._left[index].kill()

    def wait(self) -> None:
        """Return once every worker has ended."""
        try:
            gevent.joinall(self._receiving)
        finally:
            self._ended = self.clock.now()
            self._standstills.stop()
            self._watching.kill()
            end_children(list(self._left.values()), self.clock)
            gevent.joinall(self._relaying, timeout=_LAST_LINES)
            gevent.killall(self._relaying)
            for worker in self._workers:
                worker.close()

    def stop(self, reason: str) -> None:
        """Dispatch no more, and let transfers in flight finish within the grace."""
        self.reason = reason
        self._liveness.stop(self.clock.now())
        self._command("stop")

    def cut(self, reason: str) -> None:
        """End everything now."""
        self.was_cut = True
        self.hurry()
        self.reason = reason
        self._liveness.cut(self.clock.now())
        self._command("cut")

    def write_off(self, reason: str) -> None:
        """Count transfers in flight as cancelled, for an end without the loop, from any thread."""
        self.was_cut = True
        self.hurry()
        self.reason = reason
        self._command("cut")
        # They write their last results meanwhile; the kernel ends those left with this process.
        for index, report in drain_children(dict(self._left), _LAST_REPORTS):
            self._take(index, report)
        for known in self._known:
            known.cancel()
        self._ended = self._ended or self.clock.now()
        self._standstills.stop()

    def reopen(self) -> None:
        """Reopen the files of every worker, too."""
        super().reopen()
        self._command("reopen")

    def _command(self, command: str) -> None:
        for worker in self._left.values():
            worker.command(command)

    # --- what they report

    @property
    def broken(self) -> bool:
        """True if a worker died or was killed, or met an unexpected error."""
        broken = any(report.broken for report in self._reports.values())
        return super().broken or bool(self._lost) or broken

    @property
    def errors(self) -> Sequence[str]:
        """The errors of outputs, here and in the workers, that could not be written."""
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

    @property
    def lost_workers(self) -> Sequence[LostWorker]:
        """The workers that died, or had to be killed."""
        return self._lost

    def parts(self) -> Mapping[str, JobPart]:
        """Return every job, its slices joined."""
        joined = {job.name: JobPart("done", 0.0, 0, Metrics(self.began)) for job in self.plan.jobs}
        if not self._reports:
            return {name: part._replace(state="waiting") for name, part in joined.items()}
        for index in self._reports:
            for name, part in self._known[index].jobs.items():
                joined[name] = joined[name].joined(part)
        return joined
