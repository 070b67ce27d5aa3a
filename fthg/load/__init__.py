"""Load mode: several jobs at once, each sending its files at its rate.

Plan ─▶ Run ─▶ a RunningJob each: Pacer + files ─▶ Transfer ─▶ Sender.send ─▶ Result
Result ─▶ Metrics, and the outputs: results file, log
RunSnapshot (metrics, outages, thresholds) ─▶ the outputs: live view, summary and its JSON
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import BinaryIO

import gevent
from rich.text import Text

from ..clock import SECOND
from ..errors import FthgError, StartError
from ..log import Logs, Masks
from ..text import escape
from .aborting import abort_when_crossed
from .files import names
from .from_results import Choice, summarize_results
from .outputs import OutputGroup, Surroundings, make_outputs, output_files, reserve_outputs
from .outputs.relay import Relay
from .plan import WHOLE, Plan, Slice
from .planning import caution, make_senders, sliced
from .process import ProcessRun
from .run import Run
from .stats.snapshot import RunSnapshot
from .worker import Relayed
from .workers import PrintLine, WorkersRun

__all__ = ["CROSSED", "CUT", "Surroundings", "from_results", "output_files", "run"]

OpenLogs = Callable[[], AbstractContextManager[Logs]]
Signals = Callable[[Run], AbstractContextManager[object]]
"""Lets signals reach a run for as long as it runs."""

CROSSED = 99
CUT = 130


def run(plan: Plan, around: Surroundings, open_logs: OpenLogs, signals: Signals) -> int:
    """Carry out a plan and return the exit status.

    Raises StartError if the run cannot start: then nothing was sent.
    """
    outputs = make_outputs(plan, around, per_process=False)
    with ExitStack() as stack:
        running = _start(plan, around, open_logs, outputs, stack)
        stack.enter_context(signals(running))
        stack.enter_context(outputs.following(running.snapshot))
        stack.callback(gevent.spawn(abort_when_crossed, running).kill)
        running.wait()
    crossed = _end(running.snapshot(), outputs, _printer(plan, around))
    if running.broken or outputs.broken:
        return FthgError.status
    return CUT if running.was_cut else _status(crossed, outputs)


def from_results(
    paths: Sequence[str],
    standard_input: BinaryIO,
    plan: Plan,
    choice: Choice,
    around: Surroundings,
) -> int:
    """Summarize results files and return the exit status; the plan judges, and names the outputs.

    Raises StartError if a file cannot be read, or holds no result.
    """
    outputs = make_outputs(plan, around, per_process=False)
    outputs.start(plan)
    snapshot = summarize_results(paths, standard_input, plan, choice, outputs.record)
    crossed = _end(snapshot, outputs, _printer(plan, around))
    return FthgError.status if outputs.broken else _status(crossed, outputs)


def _start(
    plan: Plan,
    around: Surroundings,
    open_logs: OpenLogs,
    outputs: OutputGroup,
    stack: ExitStack,
) -> Run:
    """Start the run in this process, or in workers that are forked before anything is open."""
    clock = around.clock
    listed = {job.name: names(job.source) for job in plan.jobs}
    together = clock.now() + SECOND  # when several processes start

    def make_part(slice_: Slice, stack: ExitStack, hand_on: Relayed) -> ProcessRun:
        mine = sliced(plan, slice_)
        logs = stack.enter_context(open_logs())
        senders = make_senders(mine, clock)
        own = make_outputs(mine, around, per_process=True)
        if outputs.records:
            own.add(Relay(hand_on))
        began = clock.now() if slice_ == WHOLE else together
        return ProcessRun(mine, senders, listed, clock, began, own, logs)

    outputs.start(plan)
    if plan.workers == 1:
        running = make_part(WHOLE, stack, outputs.record)
        caution(plan)
        return running
    for sender in make_senders(plan, clock).values():  # what is unusable is reported once, and now
        sender.close()
    reserve_outputs(plan, stack)
    workers = WorkersRun(plan, clock, together, make_part, outputs, _printer(plan, around))
    stack.enter_context(open_logs())
    caution(plan)
    return workers


def _end(snapshot: RunSnapshot, outputs: OutputGroup, print_line: PrintLine) -> bool:
    """End the outputs, print what they could not write, and return True if a threshold crossed."""
    outputs.end(snapshot)
    for error in outputs.errors:
        print_line(f"fthg: {error}")
    return bool(snapshot.crossed)


def _status(crossed: bool, outputs: OutputGroup) -> int:
    if outputs.errors:
        return StartError.status
    return CROSSED if crossed else 0


def _printer(plan: Plan, around: Surroundings) -> PrintLine:
    """Return what prints a line on the terminal, without secrets: a traceback may hold some."""
    mask = Masks(plan.secrets)
    return lambda line: around.terminal.print(Text(escape(mask(line))))
