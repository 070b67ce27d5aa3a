"""The start of a run: what it needs is made ready, its moment is awaited or joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Optional

from ..clock import SECOND, Clock
from ..errors import StartError
from ..kernel_clock import clock_state, judge
from ..log import Log, Logs, Masks
from ..processes.error_lines import PrintLine
from ..slices import Slice
from ..text import escape
from .awaiting import await_start
from .descriptors import allow_descriptors
from .dividing import for_worker
from .files.first import first_names
from .files.passes import names
from .folders import with_folders
from .joining import joined
from .outputs import Surroundings, make_outputs, reserve_outputs
from .outputs.relay import HandOn, Relay
from .plan import Job, Plan
from .planning import anchored, caution, make_senders
from .process import Names, ProcessRun
from .run import Run
from .workers import WorkersRun

OpenLogs = Callable[[], AbstractContextManager[Logs]]
TakeSignals = Callable[[], Callable[[Run], object]]

_log = Log(__name__)

_GETTING_READY = SECOND // 5000
"""The time that a job takes at the start: a thousand would make the first arrivals late."""

_SHORTLY = 2 * SECOND
"""The time before the start moment from which on a run gets ready, beside what that takes."""


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
    signal = _wait(plan, around)
    plan = with_folders(plan, stack)
    file_names = {job.name: names(job.source, around.clock.utc) for job in plan.jobs}
    for job in plan.jobs:
        job.source.access.close()  # workers are forked without threads
    if signal is not None:
        plan = replace(plan, start_at=None, workers=1)
    start = _in_process if plan.workers == 1 else _in_workers
    running = start(plan, file_names, around, open_logs, take_signals, stack)
    if signal is not None:
        running.stop(f"stopped by {signal}, none sent")
    return running


def _wait(plan: Plan, around: Surroundings) -> Optional[str]:
    """Wait until shortly before the start moment; return the name of a signal that ended it.

    What is unusable is reported before; it is made again afterwards, as hours may have passed.
    """
    clock = around.clock
    if plan.start_at is None or plan.start_at - clock.utc() <= _SHORTLY:
        return None
    before = clock.now()
    with ExitStack() as opened:
        checked = with_folders(plan, opened)
        for job in checked.jobs:
            names(job.source, clock.utc)
        for sender in make_senders(checked, clock).values():
            sender.close()
    took = clock.now() - before
    return await_start(plan, plan.start_at - _SHORTLY - (2 + plan.workers) * took, around)


def _in_process(
    plan: Plan,
    file_names: Mapping[str, Names],
    around: Surroundings,
    open_logs: OpenLogs,
    take_signals: TakeSignals,
    stack: ExitStack,
) -> Run:
    clock = around.clock
    logs = stack.enter_context(open_logs())
    senders = make_senders(plan, clock)
    outputs = make_outputs(plan, around)
    follow = take_signals()
    together, plan = _moment(plan, clock, len(plan.jobs) * _GETTING_READY)
    running = ProcessRun(plan, senders, file_names, clock, together, outputs, logs)
    follow(running)
    _caution(plan, clock)
    return running


def _in_workers(
    plan: Plan,
    file_names: Mapping[str, Names],
    around: Surroundings,
    open_logs: OpenLogs,
    take_signals: TakeSignals,
    stack: ExitStack,
) -> Run:
    clock = around.clock
    whole = make_outputs(plan, around, per_process=False)
    before = clock.now()
    for sender in make_senders(plan, clock).values():  # what is unusable is reported once, and now
        sender.close()
    # For all processes to start: each makes its senders, as many at once as there are CPUs.
    ready = len(plan.jobs) * _GETTING_READY + SECOND + plan.workers * (clock.now() - before)
    together, plan = _moment(plan, clock, ready)

    def make_part(slice_: Slice, stack: ExitStack, hand_on: HandOn) -> ProcessRun:
        mine = for_worker(plan, slice_)
        logs = stack.enter_context(open_logs())
        senders = make_senders(mine, clock)
        own = make_outputs(mine, around, per_process=True)
        if whole.records:
            own.add_first(Relay(hand_on))
        return ProcessRun(mine, senders, file_names, clock, together, own, logs)

    reserve_outputs(plan, stack)
    workers = WorkersRun(plan, clock, together, make_part, whole, _relay(plan, around))
    take_signals()(workers)
    workers.logs = stack.enter_context(open_logs())
    _caution(plan, clock)
    whole.start(plan)
    return workers


def _moment(plan: Plan, clock: Clock, ready: int) -> tuple[int, Plan]:
    """Return when the run starts, a reading of the clock, and the plan from then on.

    `ready` is the time until something can be sent. Raises StartError if the moment that was asked
    for is over by then, unless the run is to be joined.
    """
    if plan.start_at is None:
        return clock.now() + ready, anchored(plan, clock.utc() + ready)
    start = plan.start_at
    plan = anchored(plan, start)
    if plan.join and start < clock.utc():
        # For nothing but the time it takes: all random arrivals until now are drawn.
        joined(plan, clock.utc() - start, _files)
    now, utc = clock.now(), clock.utc()
    late = utc + ready - start
    if late > 0 and not plan.join:
        raise StartError(_over(utc - start, late))
    return now + start - utc, joined(plan, late, _files) if late > 0 else plan


def _over(past: int, late: int) -> str:
    remedy = "name a later moment, or join what is running with --join"
    if past > 0:
        return f"--start-at: the start moment was over {past / SECOND:.3f} s ago; {remedy}"
    return f"--start-at: it will be over {late / SECOND:.3f} s before all is ready; {remedy}"


def _files(job: Job) -> int:
    return len(first_names(job.source))


def _caution(plan: Plan, clock: Clock) -> None:
    """Warn of what may be wrong with the plan, of what was missed, and of the host's clock."""
    caution(plan, clock.utc())
    for job in plan.jobs:
        if job.joined:
            _log.warning(
                "joined late: what fell due before is not sent",
                job=job.name,
                seconds=round(job.joined.seconds, 3),
                missed=job.joined.missed,
            )
    if plan.start_at is not None or (plan.slice and plan.slice.of > 1):
        _judge_clock()


def _judge_clock() -> None:
    try:
        state = clock_state()
    except OSError as error:
        _log.info("the kernel does not tell how right its clock is", error=error.strerror or error)
        return
    warning = judge(state)
    if warning:
        _log.warning(warning)


def _relay(plan: Plan, around: Surroundings) -> PrintLine:
    """Return what prints a worker's line, without secrets: a traceback may hold some."""
    mask = Masks(plan.secrets)
    return lambda line: around.terminal.print_line(escape(mask(line)))
