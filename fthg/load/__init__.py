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

from ..errors import FthgError, StartError
from ..log import Masks
from ..text import escape
from ..verdicts.thresholds import CROSSED, show
from .aborting import aborting
from .from_results import Choice, summarize_results
from .outputs import Surroundings, make_outputs, output_files
from .outputs.breaking import breaking_sentence
from .plan import Plan
from .run import Run
from .run_log import log_end, log_outcomes
from .starting import OpenLogs, start_run
from .stats.snapshot import RunSnapshot

__all__ = ["CROSSED", "CUT", "Surroundings", "from_results", "output_files", "run"]

Signals = Callable[[], AbstractContextManager[Callable[[Run], object]]]
"""Takes signals within the block, and hands them to the run that is given to what it yields."""

CUT = 130


def run(plan: Plan, around: Surroundings, open_logs: OpenLogs, signals: Signals) -> int:
    """Carry out a plan and return the exit status.

    Raises StartError if the run cannot start: then nothing was sent.
    """
    with ExitStack() as last:  # signals are taken until all is written and printed
        with ExitStack() as stack:
            running = start_run(
                plan, around, open_logs, lambda: last.enter_context(signals()), stack
            )
            try:
                with aborting(running), running.outputs.following(running.snapshot):
                    running.wait()
                log_outcomes(running.snapshot())
            finally:
                running.end()
            snapshot = running.snapshot()
            status = _run_status(running, snapshot)
            log_end(snapshot, status)
        _print_end(snapshot, running.errors, around)
    return status


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
    record = outputs.record if outputs.records else None
    snapshot = summarize_results(paths, standard_input, plan, choice, record)
    outputs.end(lambda: snapshot)
    _print_end(snapshot, outputs.errors, around)
    return _status(snapshot, outputs.errors, outputs.broken)


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


def _run_status(running: Run, snapshot: RunSnapshot) -> int:
    if running.was_cut or (running.hurried and running.errors):
        return CUT
    return _status(snapshot, running.errors, running.broken)


def _status(snapshot: RunSnapshot, errors: Sequence[str], broken: bool) -> int:
    if broken:
        return FthgError.status
    if errors:
        return StartError.status
    return CROSSED if snapshot.crossed else 0
