"""A run in several processes: each has a slice of every job, one shows and sums up them all.

Arrival n belongs to slice n mod N, so the rates are exact with no word between the workers. They
report twice a second, take commands from a pipe, and leave signals to the parent.
"""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import NamedTuple, NoReturn, Optional

import gevent

from ..clock import SECOND, Clock
from ..log import Log
from .messages import receive, send
from .plan import Plan, Slice
from .run import Run
from .stats.metrics import Metrics
from .stats.outages import Seen, unite
from .under_way import JobNow, UnderWay

_log = Log(__name__)

_PERIOD = SECOND // 2

Part = Callable[[Slice, ExitStack], Run]
"""Makes one worker's part of a run, in that worker; what it opens is closed with the stack."""

Echo = Callable[[str], None]
"""Shows a line that a worker wrote to standard error."""


class Report(NamedTuple):
    """What a worker tells of itself."""

    jobs: Mapping[str, JobNow]
    cpu: float
    results_lost: int
    outages: Seen
    broken: bool
    done: bool


class Workers(UnderWay):
    """The run as the parent sees it: the workers' reports, merged."""

    def __init__(self, plan: Plan, clock: Clock, began: int, part: Part, echo: Echo) -> None:
        super().__init__(plan, clock, began)
        self._reports: dict[int, Report] = {}
        self._died = 0
        self._echo = echo
        self._workers = [
            _start(Slice(index, plan.workers), part, clock) for index in range(plan.workers)
        ]
        self._listeners = [
            gevent.spawn(listen, index, worker)
            for index, worker in enumerate(self._workers)
            for listen in (self._listen, self._overhear)
        ]

    def _overhear(self, _: int, worker: Worker) -> None:
        with worker.errors.makefile(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                self._echo(line.rstrip("\n"))

    def _listen(self, index: int, worker: Worker) -> None:
        while True:
            report = receive(worker.line)
            if report is None:
                self._bury(index, worker)
                return
            self._reports[index] = report
            if report.done:
                os.waitpid(worker.pid, 0)
                return

    def _bury(self, index: int, worker: Worker) -> None:
        """Tell of a worker that ended unasked; what it had in flight counts as cancelled."""
        os.waitpid(worker.pid, 0)
        self._died += 1
        last = self._reports.get(index)
        in_flight = sum(now.in_flight for now in last.jobs.values()) if last else 0
        _log.error(
            "a worker died; its slice is sent no more, the others go on",
            worker=index,
            pid=worker.pid,
            in_flight=in_flight,
        )
        if last:
            jobs = {name: _ended(now) for name, now in last.jobs.items()}
            self._reports[index] = last._replace(jobs=jobs)

    def wait(self) -> None:
        """Return once every worker has ended."""
        gevent.joinall(self._listeners)
        for worker in self._workers:
            worker.line.close()
            worker.errors.close()

    def stop(self, reason: str) -> None:
        """Dispatch no more, and let what is in flight finish within the grace."""
        self.reason = reason
        self._tell("stop")

    def cut(self, reason: str) -> None:
        """End everything now."""
        self.was_cut = True
        self.reason = reason
        self._tell("cut")

    def reopen(self) -> None:
        """Let every worker open its files anew."""
        self._tell("reopen")

    def _tell(self, command: str) -> None:
        for worker in self._workers:
            with suppress(OSError):  # it may have ended
                send(worker.line, command)

    @property
    def broken(self) -> bool:
        """True if a worker died, or met an unexpected error."""
        return self._died > 0 or any(report.broken for report in self._reports.values())

    @property
    def cpu(self) -> float:
        """Seconds of CPU of the busiest worker."""
        return max((report.cpu for report in self._reports.values()), default=0.0)

    @property
    def results_lost(self) -> int:
        """Lines that no worker could write."""
        return sum(report.results_lost for report in self._reports.values())

    @property
    def outages(self) -> Seen:
        """The outages until now, those that workers share united."""
        return unite(report.outages for report in self._reports.values())

    def now(self) -> Mapping[str, JobNow]:
        """Every job, its slices joined."""
        joined = {job.name: JobNow("done", 0.0, 0, Metrics(self.began)) for job in self.plan.jobs}
        if not self._reports:
            return {name: now._replace(state="waiting") for name, now in joined.items()}
        for report in self._reports.values():
            for name, now in report.jobs.items():
                joined[name] = joined[name].joined(now)
        return joined


def _ended(now: JobNow) -> JobNow:
    """The job of a worker that died, by its last report: what was in flight is cancelled."""
    now.metrics.outcomes["cancelled"] += now.in_flight
    now.metrics.sent += now.in_flight
    return now._replace(state="done", in_flight=0)


# --- the worker


class Worker(NamedTuple):
    """A worker as its parent knows it."""

    pid: int
    line: socket.socket  # reports come, commands go
    errors: socket.socket  # its standard error


def _start(slice_: Slice, part: Part, clock: Clock) -> Worker:
    ours, theirs = socket.socketpair()
    our_errors, their_errors = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        our_errors.close()
        os.dup2(their_errors.fileno(), 2)
        _work(slice_, part, clock, theirs)
    theirs.close()
    their_errors.close()
    return Worker(pid, ours, our_errors)


def _work(slice_: Slice, part: Part, clock: Clock, line: socket.socket) -> NoReturn:
    status = 1
    try:
        # The terminal and systemd signal all processes: one stop must count once.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        with ExitStack() as stack:
            run = part(slice_, stack)
            gevent.spawn(_obey, run, line)
            stack.callback(gevent.spawn(_report, run, clock, line).kill)
            run.wait()
        send(line, _standing(run, done=True))
        status = 0
    except Exception:  # noqa: BLE001 - nothing may run on into the parent's code
        traceback.print_exc()
    finally:
        os._exit(status)


def _report(run: Run, clock: Clock, line: socket.socket) -> None:
    due = clock.now()
    while True:
        send(line, _standing(run, done=False))
        due += _PERIOD
        clock.sleep_until(due)


def _standing(run: Run, done: bool) -> Report:
    return Report(run.now(), run.cpu, run.results_lost, run.outages, run.broken, done)


def _obey(run: Run, line: socket.socket) -> None:
    """Carry out what the parent says; without a parent there is nobody to send for."""
    acts: dict[Optional[str], Callable[[], object]] = {
        "stop": lambda: run.stop(""),
        "cut": lambda: run.cut(""),
        "reopen": run.reopen,
    }
    while True:
        command = receive(line)
        if command is None:
            run.cut("")
            return
        gevent.spawn(acts[command])
