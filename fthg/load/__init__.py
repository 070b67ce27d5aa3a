"""Load mode: several jobs at once, each sending its files at its rate.

Plan ─▶ Run ─▶ a RunningJob each: Schedule + files ─▶ Transfer ─▶ Sender.send ─▶ Result
Result ─▶ results file, Metrics, log
Metrics ─▶ live view, thresholds, summary
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Optional

from rich.console import Console

from ..clock import Clock
from ..errors import FthgError
from .ended import RunEnd
from .plan import Plan
from .planning import make_senders
from .progress import Progress
from .results import ResultsFile
from .run import Run
from .summary import print_summary
from .summary_file import check_summary, summary_json, write_summary

Signals = Callable[[Run, Optional[ResultsFile]], AbstractContextManager[object]]
"""What lets signals reach a run for as long as it is under way."""

CROSSED = 99
CUT = 130


def run(
    plan: Plan,
    clock: Clock,
    signals: Signals,
    progress: Optional[Console],
    summary: Optional[Console],
) -> int:
    """Carry out a plan and return the exit status; None for what is not to be shown.

    Raises StartError if the run cannot start: then nothing was sent.
    """
    senders = make_senders(plan, clock)
    if plan.summary:
        check_summary(plan.summary)
    with ExitStack() as stack:
        results = ResultsFile(plan.results, plan.run, clock) if plan.results else None
        if results:
            stack.callback(results.close)
        running = Run(plan, senders, clock, results)
        stack.enter_context(signals(running, results))
        if progress:
            view = Progress(progress, running.views, plan.status_interval)
            view.start()
            stack.callback(view.stop)
        running.wait()
    crossed = _report(running.so_far(), summary)
    if running.broken:
        return FthgError.status
    return CUT if running.was_cut else CROSSED if crossed else 0


def _report(end: RunEnd, console: Optional[Console]) -> bool:
    """Print and write the summary; True if a threshold was crossed."""
    figures = end.figures()
    if console:
        print_summary(end, figures, console)
    if end.plan.summary:
        write_summary(end.plan.summary, summary_json(end, figures))
    return any(not verdict.ok for told in end.verdicts(figures).values() for verdict in told)
