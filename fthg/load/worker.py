"""One worker of a run: a forked process with its slice of every job."""

from __future__ import annotations

import os
import signal
import socket
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple, NoReturn, Optional

import gevent
from gevent.event import Event

from ..clock import SECOND, Clock
from ..standstill import Standstill
from ..transfer import Result
from ..writing import leave_hanging_files
from .messages import receive, send
from .outputs.relay import HandOn, Relay
from .plan import Slice
from .process import ProcessRun
from .run import JobPart, Run
from .stats.joined_outages import Evidence, EvidenceCollector

_PERIOD = SECOND // 2

MakePart = Callable[[Slice, ExitStack, HandOn], ProcessRun]
"""Makes a worker's part of a run, in that worker; what it opens is closed with the stack."""


class Report(NamedTuple):
    """The state of one worker."""

    jobs: Mapping[str, JobPart]
    cpu: float
    results_lost: int
    evidence: Evidence  # of outages, since the last report
    standstills: Sequence[Standstill]
    broken: bool
    errors: Sequence[str]
    done: bool
    results: Sequence[Result]  # since the last report, if an output of the whole run wants them


class Worker(NamedTuple):
    """A worker as its parent knows it."""

    pid: int
    line: socket.socket  # reports come, commands go
    errors: socket.socket  # its standard error


def start_worker(slice_: Slice, make_part: MakePart, clock: Clock) -> Worker:
    """Fork a worker."""
    ours, theirs = socket.socketpair()
    our_errors, their_errors = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        our_errors.close()
        os.dup2(their_errors.fileno(), 2)
        _work(slice_, make_part, clock, theirs)
    theirs.close()
    their_errors.close()
    return Worker(pid, ours, our_errors)


def _work(slice_: Slice, make_part: MakePart, clock: Clock, line: socket.socket) -> NoReturn:
    status = 1
    try:
        # The terminal and systemd signal all processes: one stop must count once.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            signal.signal(number, signal.SIG_IGN)
        relayed: list[Result] = []
        evidence = EvidenceCollector()

        def report(done: bool) -> Report:
            return _report(run, relayed, evidence.take(clock.now()), done)

        def collect(results: Sequence[Result]) -> None:
            evidence.record([result for result in results if not run.stood_still(result)])

        with ExitStack() as stack:
            run = make_part(slice_, stack, relayed.extend)
            # First: between its end and this no result may wait for anything, see Evidence.until.
            run.outputs.add_first(Relay(collect))
            gevent.spawn(_handle_commands, run, line)
            ended = Event()
            reporting = gevent.spawn(_send_reports, report, clock, line, ended)
            try:
                with run.outputs.following(run.snapshot):
                    run.wait()
            finally:
                run.end()
            ended.set()
            reporting.join()
        send(line, report(done=True))
        status = 0
    except Exception:  # noqa: BLE001 - nothing may run on into the parent's code
        traceback.print_exc()
    finally:
        leave_hanging_files()
        os._exit(status)


def _send_reports(
    report: Callable[[bool], Report], clock: Clock, line: socket.socket, ended: Event
) -> None:
    due = clock.now()
    while not clock.wait(ended, due):
        send(line, report(False))
        due += _PERIOD


def _report(run: ProcessRun, relayed: list[Result], evidence: Evidence, done: bool) -> Report:
    results = relayed[:]
    relayed.clear()
    return Report(
        run.parts(),
        run.cpu,
        run.results_lost,
        evidence,
        run.standstills,
        run.broken,
        run.errors,
        done,
        results,
    )


def _handle_commands(run: Run, line: socket.socket) -> None:
    """Carry out the parent's commands; without a parent there is nobody to send for."""
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
