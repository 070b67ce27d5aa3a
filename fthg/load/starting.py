"""Starts a run, in this process or in workers, after preparing all that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace

from ..clock import SECOND
from ..log import Logs, Masks
from ..processes.error_lines import PrintLine
from ..slices import Slice
from ..text import escape
from .anchoring import start_of
from .awaiting import await_start
from .cautions import caution_at_start
from .descriptors import allow_descriptors
from .dividing import for_worker
from .files.passes import listed_files
from .folders import with_folders
from .outputs import Surroundings, make_outputs, reserve_outputs
from .outputs.relay import HandOn, Relay
from .plan import Job, Plan
from .planning import make_senders
from .process import Names, ProcessRun
from .run import Run
from .run_log import log_beginning
from .unusable import listed_names
from .worker import MakePart
from .workers import WorkersRun

OpenLogs = Callable[[], AbstractContextManager[Logs]]
TakeSignals = Callable[[], Callable[[Run], object]]

_GETTING_READY = SECOND // 5000
"""The time to start one job: a thousand jobs would make the first arrivals late."""

_FORKING = SECOND
"""The time in which workers start, beside that for their senders."""


def start_run(
    plan: Plan,
    around: Surroundings,
    open_logs: OpenLogs,
    take_signals: TakeSignals,
    stack: ExitStack,
) -> Run:
    """Start the run in this process, or in workers that are forked before any file is open.

    Signals are taken before the first transfer, and after workers were forked. StartError if it
    cannot start, or its moment is over: then nothing was sent.
    """
    allow_descriptors(plan)
    signal = await_start(plan, around)
    if signal is not None:
        plan = replace(plan, start_at=None, workers=1)
    plan = with_folders(plan, stack)
    file_names = listed_names(plan, around.clock)
    for job in plan.jobs:
        job.source.access.close()  # workers are forked without threads
    start = _Start(plan, file_names, around, open_logs, take_signals, stack)
    running = start.in_process() if plan.workers == 1 else start.in_workers()
    if signal is not None:
        running.stop(f"stopped by {signal}, none sent")
    return running


@dataclass(frozen=True)
class _Start:
    """The arguments of a start."""

    plan: Plan
    file_names: Mapping[str, Names]
    around: Surroundings
    open_logs: OpenLogs
    take_signals: TakeSignals
    stack: ExitStack

    def in_process(self) -> Run:
        """Start the whole run in this process."""
        clock = self.around.clock
        logs = self.stack.enter_context(self.open_logs())
        senders = make_senders(self.plan, clock)
        outputs = make_outputs(self.plan, self.around)
        follow = self.take_signals()
        began, plan = self._anchored(len(self.plan.jobs) * _GETTING_READY)
        running = ProcessRun(plan, senders, self.file_names, clock, began, outputs, logs)
        follow(running)
        log_beginning(plan, self.around.config_files)
        caution_at_start(plan, clock)
        return running

    def in_workers(self) -> Run:
        """Start a part of the run in each worker; this process has the outputs of the whole."""
        clock = self.around.clock
        whole = make_outputs(self.plan, self.around, per_process=False)
        began, plan = self._anchored(self._until_workers_are_ready())
        make_part = self._parts(plan, began, is_relayed=whole.records)
        reserve_outputs(plan, self.stack)
        relay = _relay(plan, self.around)
        workers = WorkersRun(plan, clock, began, make_part, whole, relay)
        self.take_signals()(workers)
        workers.logs = self.stack.enter_context(self.open_logs())
        log_beginning(plan, self.around.config_files)
        caution_at_start(plan, clock)
        whole.start(plan)
        return workers

    def _anchored(self, ready: int) -> tuple[int, Plan]:
        def files(job: Job) -> int:
            return listed_files(self.file_names[job.name])

        return start_of(self.plan, self.around.clock, ready, files)

    def _until_workers_are_ready(self) -> int:
        """Return the time until all workers have made their senders, as many at once as CPUs.

        It is measured by making them here, so that what is unusable is reported once, and now.
        """
        clock = self.around.clock
        before = clock.now()
        for sender in make_senders(self.plan, clock).values():
            sender.close()
        jobs = len(self.plan.jobs) * _GETTING_READY
        return jobs + _FORKING + self.plan.workers * (clock.now() - before)

    def _parts(self, plan: Plan, began: int, *, is_relayed: bool) -> MakePart:
        """Return the function that makes a worker's part; it relays results that outputs need."""
        clock = self.around.clock

        def make_part(worker: Slice, stack: ExitStack, hand_on: HandOn) -> ProcessRun:
            mine = for_worker(plan, worker)
            logs = stack.enter_context(self.open_logs())
            senders = make_senders(mine, clock)
            outputs = make_outputs(mine, self.around, per_process=True)
            if is_relayed:
                outputs.add_first(Relay(hand_on))
            return ProcessRun(mine, senders, self.file_names, clock, began, outputs, logs)

        return make_part


def _relay(plan: Plan, around: Surroundings) -> PrintLine:
    """Return the function that prints a worker's line, without the secrets of a traceback."""
    mask = Masks(plan.secrets)
    return lambda line: around.terminal.print_line(escape(mask(line)))
