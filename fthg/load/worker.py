"""One worker of a run: a forked process with its slice of every job."""

from __future__ import annotations

import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple, NoReturn, Optional

import gevent
from gevent.event import Event

from ..clock import SECOND, Clock, run_loop_once
from ..log import Log, Masks
from ..processes.child import ChildEnds, leave_parent
from ..processes.messages import Inbox, send
from ..slices import Slice
from ..standstill import Standstill
from ..transfer import Result
from ..writing import leave_hanging_files
from .news import News
from .outputs.relay import Backlog, HandOn, Relay
from .process import ProcessRun
from .run import Run
from .stats.joined_outages import Evidence, EvidenceCollector

_PERIOD = SECOND // 2
_JOBS = 50  # whose results are in one report: packing them takes too little time to delay a file
_TAKEN = 0.2  # seconds for the parent to take the report before the end of the files
_log = Log(__name__)

MakePart = Callable[[Slice, ExitStack, HandOn], ProcessRun]
"""Makes a worker's part of a run, in that worker; its files are closed with the stack."""


class Report(NamedTuple):
    """The state of one worker."""

    jobs: News
    cpu: float
    results_lost: int
    evidence: Evidence  # of outages, since the last report
    standstills: Sequence[Standstill]
    broken: bool
    errors: Sequence[str]
    done: bool
    results: Sequence[Result]  # since the last report, if an output of the whole run wants them


def work(slice_: Slice, make_part: MakePart, clock: Clock, ends: ChildEnds) -> NoReturn:
    """Run a worker's part of the run, and then end the process."""
    status = 1
    try:
        leave_parent(ends)
        _carry_out(slice_, make_part, clock, ends.line)
        status = 0
    except Exception:  # noqa: BLE001 - nothing may run on into the parent's code
        print(Masks(())(traceback.format_exc()), file=sys.stderr)  # noqa: T201 - for the parent
    finally:
        leave_hanging_files()
        os._exit(status)


def _carry_out(slice_: Slice, make_part: MakePart, clock: Clock, line: socket.socket) -> None:
    backlog, evidence = Backlog(), EvidenceCollector()

    def reports() -> Iterator[Report]:
        for _ in range(max(1, -(-len(run.plan.jobs) // _JOBS))):  # without a job, too
            report = _report(run, backlog, evidence, clock.now())
            yield report
            if report.jobs.complete:
                return
            run_loop_once()

    def collect(results: Sequence[Result]) -> None:
        evidence.record([result for result in results if not run.stood_still(result)])

    ended = Event()
    with ExitStack() as stack:
        run = make_part(slice_, stack, backlog.add)
        # First: between its end and this no result may wait for anything, see Evidence.until.
        run.outputs.add_first(Relay(collect))
        gevent.spawn(_handle_commands, run, line)
        reporting = gevent.spawn(send_reports, reports, clock, line, ended)
        try:
            with run.outputs.following(run.snapshot):
                run.wait()
        finally:
            ended.set()
            reporting.join(_TAKEN)  # all outcomes are known now, and the files may hang
            run.end()
    # All is written by now, in case the parent takes no more reports.
    reporting.join()
    for report in reports():
        send(line, report._replace(done=report.jobs.complete))


def send_reports(
    reports: Callable[[], Iterator[Report]], clock: Clock, line: socket.socket, ended: Event
) -> None:
    """Report twice a second, or as often as the parent takes it, and at the end: each time the
    newest state, in one report or several."""
    due = clock.now()
    while not clock.wait(ended, due):
        for report in reports():
            send(line, report)
        due = max(due + _PERIOD, clock.now())
    for report in reports():
        send(line, report)


def _report(run: ProcessRun, backlog: Backlog, evidence: EvidenceCollector, now: int) -> Report:
    results, results_lost = backlog.take()
    seen, failures_lost = evidence.take(now)
    if results_lost or failures_lost:
        _log.warning(
            "the parent of the workers took no reports for too long",
            results_lost=results_lost,
            failures_not_in_outages=failures_lost,
        )
    return Report(
        run.news(_JOBS),
        run.cpu,
        run.results_lost,
        seen,
        run.standstills,
        run.broken,
        [*run.errors, *backlog.errors],
        done=False,
        results=results,
    )


def _handle_commands(run: Run, line: socket.socket) -> None:
    """Carry out the parent's commands; stop if the parent is gone."""
    acts: dict[Optional[str], Callable[[], object]] = {
        "stop": lambda: run.stop(""),
        "cut": lambda: run.cut(""),
        "reopen": run.reopen,
    }
    inbox = Inbox(line)
    while True:
        command = inbox.receive()
        if command is None:
            run.cut("")
            return
        gevent.spawn(acts[command])
