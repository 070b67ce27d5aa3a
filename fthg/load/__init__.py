"""Load mode: several jobs at once, each sending its files at its rate.

Plan ─▶ Run ─▶ a RunningJob each: Schedule + files ─▶ Transfer ─▶ Sender.send ─▶ Result
Result ─▶ results file, Metrics, log
Metrics ─▶ live view, thresholds, summary
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import BinaryIO, Optional

import gevent
from rich.console import Console
from rich.text import Text

from ..clock import SECOND, Clock
from ..errors import FthgError
from ..log import Logs, Masks
from ..log.formats import escape
from ..results.file import ResultsFile, open_results
from .files import names
from .from_results import Choice, read_end
from .outputs.health import Health
from .outputs.progress import Progress
from .outputs.summary import print_summary
from .outputs.summary_json import summary_json, write_summary
from .plan import WHOLE, Plan, Slice
from .planning import caution, make_senders, sliced
from .run import Run
from .stats.snapshot import RunEnd
from .under_way import UnderWay
from .workers import Workers

OpenLogs = Callable[[], AbstractContextManager[Logs]]
Signals = Callable[[UnderWay], AbstractContextManager[object]]
"""Lets signals reach a run for as long as it is under way."""

CROSSED = 99
CUT = 130


def run(
    plan: Plan,
    clock: Clock,
    open_logs: OpenLogs,
    signals: Signals,
    terminal: Console,
    progress: bool,
    summary: Optional[Console],
) -> int:
    """Carry out a plan and return the exit status; `summary` None: it is not printed.

    Raises StartError if the run cannot start: then nothing was sent.
    """
    with ExitStack() as stack:
        under_way = _begin(plan, clock, open_logs, terminal, stack)
        stack.enter_context(signals(under_way))
        if progress:
            view = Progress(terminal, under_way.views, plan.status_interval)
            view.start()
            stack.callback(view.stop)
        stack.callback(gevent.spawn(under_way.watch_thresholds).kill)
        under_way.wait()
    crossed = _report(under_way.so_far(), summary)
    if under_way.broken:
        return FthgError.status
    return CUT if under_way.was_cut else CROSSED if crossed else 0


def _begin(
    plan: Plan, clock: Clock, open_logs: OpenLogs, terminal: Console, stack: ExitStack
) -> UnderWay:
    """Start the run in this process, or in workers that are forked off before anything is open."""
    listed = {job.name: names(job.source) for job in plan.jobs}
    together = clock.now() + SECOND  # when several processes begin

    def part(slice_: Slice, stack: ExitStack) -> Run:
        mine = sliced(plan, slice_)
        logs = stack.enter_context(open_logs())
        senders = make_senders(mine, clock)
        results = ResultsFile(plan.results, plan.run, clock) if plan.results else None
        if results:
            stack.callback(results.close)
        began = clock.now() if slice_ == WHOLE else together
        run = Run(mine, senders, listed, clock, began, results, logs)
        worker = None if slice_ == WHOLE else slice_.part
        health = Health(clock, plan.status_interval, run.lateness, worker)
        stack.callback(health.close)
        return run

    if plan.workers == 1:
        run = part(WHOLE, stack)
        caution(plan)
        return run
    for sender in make_senders(plan, clock).values():  # what is unusable is told once, and now
        sender.close()
    if plan.results:  # kept open, as the reader of a pipe must not see an end before the run's
        stack.callback(os.close, open_results(plan.results))
    mask = Masks(plan.secrets)  # a worker that dies writes a traceback

    def echo(line: str) -> None:
        terminal.print(Text(escape(mask(line))))

    workers = Workers(plan, clock, together, part, echo)
    stack.enter_context(open_logs())
    caution(plan)
    return workers


def tell_again(
    paths: Sequence[str],
    standard_input: BinaryIO,
    plan: Plan,
    choice: Choice,
    summary: Optional[Console],
) -> int:
    """Sum up results files and return the exit status; `plan` judges, and says where to write."""
    return CROSSED if _report(read_end(paths, standard_input, plan, choice), summary) else 0


def _report(end: RunEnd, console: Optional[Console]) -> bool:
    """Print and write the summary; True if a threshold was crossed."""
    figures = end.figures()
    if console:
        print_summary(end, figures, console)
    if end.plan.summary:
        write_summary(end.plan.summary, summary_json(end, figures))
    return any(not verdict.ok for told in end.verdicts(figures).values() for verdict in told)
