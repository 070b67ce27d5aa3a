"""Load mode: several jobs at once, each sending its files at its rate.

Plan ─▶ Run ─▶ a RunningJob each: Pacer + files ─▶ Transfer ─▶ Sender.send ─▶ Result
Result ─▶ Metrics, and the outputs: results file, log
RunSnapshot (metrics, outages, thresholds) ─▶ the outputs: live view, summary and its JSON
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import BinaryIO

from rich.text import Text

from ..clock import SECOND, Clock
from ..errors import FthgError, StartError
from ..log import Logs, Masks
from ..processes.error_lines import PrintLine
from ..slices import Slice
from ..text import escape
from ..verdicts.thresholds import CROSSED, show
from .aborting import aborting
from .descriptors import allow_descriptors
from .dividing import for_worker
from .files.passes import names
from .folders import with_folders
from .from_results import Choice, summarize_results
from .outputs import Surroundings, make_outputs, output_files, reserve_outputs
from .outputs.breaking import breaking_sentence
from .outputs.relay import HandOn, Relay
from .plan import Plan
from .planning import anchored, caution, make_senders
from .process import ProcessRun
from .run import Run
from .stats.snapshot import RunSnapshot
from .workers import WorkersRun

__all__ = ["CROSSED", "CUT", "Surroundings", "from_results", "output_files", "run"]

OpenLogs = Callable[[], AbstractContextManager[Logs]]
Signals = Callable[[], AbstractContextManager[Callable[[Run], object]]]
"""Takes signals within the block, and hands them to the run that is given to what it yields."""

CUT = 130

_GETTING_READY = SECOND // 5000
"""The time that a job takes at the start: a thousand would make the first arrivals late."""


def run(plan: Plan, around: Surroundings, open_logs: OpenLogs, signals: Signals) -> int:
    """Carry out a plan and return the exit status.

    Raises StartError if the run cannot start: then nothing was sent.
    """
    with ExitStack() as last:  # signals are taken until all is written and printed
        with ExitStack() as stack:
            running = _start(plan, around, open_logs, lambda: last.enter_context(signals()), stack)
            try:
                with aborting(running), running.outputs.following(running.snapshot):
                    running.wait()
            finally:
                running.end()
        snapshot = running.snapshot()
        _print_end(snapshot, running.errors, around)
    if running.was_cut or (running.hurried and running.errors):
        return CUT
    return _status(snapshot, running.errors, running.broken)


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
    # Nobody scrapes a run that is over.
    paths_of = {key: path for key, path in plan.outputs.items() if key != "metrics"}
    outputs = make_outputs(replace(plan, outputs=paths_of), around, per_process=False)
    outputs.start(plan)
    snapshot = summarize_results(paths, standard_input, plan, choice, outputs.record)
    outputs.end(lambda: snapshot)
    _print_end(snapshot, outputs.errors, around)
    return _status(snapshot, outputs.errors, outputs.broken)


def _start(
    plan: Plan,
    around: Surroundings,
    open_logs: OpenLogs,
    take_signals: Callable[[], Callable[[Run], object]],
    stack: ExitStack,
) -> Run:
    """Start the run in this process, or in workers that are forked before any file is open.

    Signals are taken before the first transfer, and after workers were forked.
    """
    clock = around.clock
    allow_descriptors(plan)
    plan = with_folders(plan, stack)
    file_names = {job.name: names(job.source, clock.utc) for job in plan.jobs}
    for job in plan.jobs:
        job.source.access.close()  # workers are forked without threads
    ready = len(plan.jobs) * _GETTING_READY
    if plan.workers == 1:
        logs = stack.enter_context(open_logs())
        senders = make_senders(plan, clock)
        outputs = make_outputs(plan, around)
        follow = take_signals()
        together, plan = _start_moment(plan, clock, ready)
        running = ProcessRun(plan, senders, file_names, clock, together, outputs, logs)
        follow(running)
        caution(plan, clock.utc())
        return running

    whole = make_outputs(plan, around, per_process=False)
    before = clock.now()
    for sender in make_senders(plan, clock).values():  # what is unusable is reported once, and now
        sender.close()
    # For all processes to start: each makes its senders, as many at once as there are CPUs.
    ready += SECOND + plan.workers * (clock.now() - before)
    together, plan = _start_moment(plan, clock, ready)

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
    caution(plan, clock.utc())
    whole.start(plan)
    return workers


def _start_moment(plan: Plan, clock: Clock, ready: int) -> tuple[int, Plan]:
    """Return when the run starts, a reading of the clock, and the plan from then on.

    Raises StartError if the moment that was asked for is over.
    """
    utc = clock.utc()
    start = utc + ready if plan.start_at is None else plan.start_at
    if start < utc and not plan.join:
        raise StartError(f"--start-at: it was over {(utc - start) / SECOND:.3f} s ago")
    return clock.now() + start - utc, anchored(plan, start)


def _print_end(snapshot: RunSnapshot, errors: Sequence[str], around: Surroundings) -> None:
    """Print what could not be written, and crossed thresholds where no summary shows them."""
    mask = Masks(snapshot.plan.secrets)
    lines = [*errors, *(_crossings(snapshot) if around.summary is None else ())]
    for line in lines:
        around.terminal.print(Text(escape(mask(f"fthg: {line}"))))


def _crossings(snapshot: RunSnapshot) -> Iterator[str]:
    for verdict in snapshot.crossed:
        yield f"threshold failed: {verdict.threshold.text}, found {show(verdict)}"
    if snapshot.breaking:
        text = snapshot.breaking.verdict.threshold.text
        yield f"{text} {breaking_sentence(snapshot.breaking)}"


def _status(snapshot: RunSnapshot, errors: Sequence[str], broken: bool) -> int:
    if broken:
        return FthgError.status
    if errors:
        return StartError.status
    return CROSSED if snapshot.crossed else 0


def _relay(plan: Plan, around: Surroundings) -> PrintLine:
    """Return what prints a worker's line, without secrets: a traceback may hold some."""
    mask = Masks(plan.secrets)
    return lambda line: around.terminal.print_line(escape(mask(line)))
