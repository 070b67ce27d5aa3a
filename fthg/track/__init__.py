"""Tracking mode: two databases, one report."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Optional

from gevent.event import Event
from rich.console import Console
from rich.text import Text

from ..clock import Clock
from ..errors import StartError
from ..text import escape
from ..writing import InputFile, OutputFile, check_outputs
from ..writing.terminal import Terminal
from .csv_file import CsvFile
from .export import write_summary
from .figures import Figures
from .ledger import Ledger, check_ledger
from .live import Live, verdict_lines
from .plan import TRACK_KEYS, TrackPlan, track_plan
from .processes import start_processes
from .report import write_report
from .watch import Watch

__all__ = ["TRACK_KEYS", "TrackPlan", "check_files", "outputs", "run", "track_plan"]

UNPAIRED = 5
"""The exit status where rows without a partner, or missing files, were found."""


def run(
    plan: TrackPlan,
    clock: Clock,
    terminal: Terminal,
    out: Optional[Console],
    *,
    stop: Optional[Event] = None,
    quiet: bool = False,
    status_interval: float = 60.0,
) -> int:
    """Follow both databases until the end, write the reports, and return the exit status, 0 or 5.

    Progress goes to `terminal`, the verdict to `out`, if there is one; `stop` set ends polling
    early. Raises StartError if a file cannot be read or written, DatabaseError if a database fails:
    the reports of an earlier poll stay whole.
    """
    check_files(plan)
    try:
        figures = _follow(
            plan, clock, Live(terminal, clock, quiet, status_interval), stop or Event()
        )
    except sqlite3.OperationalError as error:
        raise StartError(f"the ledger {plan.ledger or '(temporary)'} failed: {error}") from error
    if out:
        report = [f"report: {plan.output}"] if plan.output else []
        for line in [*verdict_lines(figures), *report]:
            out.print(Text(escape(line)), soft_wrap=True)
    missing = figures.sent.missing.total if figures.sent else 0
    return UNPAIRED if figures.counts.unpaired or missing else 0


def _follow(plan: TrackPlan, clock: Clock, live: Live, stop: Event) -> Figures:
    with ExitStack() as stack:
        processes = stack.enter_context(start_processes(plan))
        ledger = Ledger(plan.start, plan.end, plan.grace, plan.ledger)
        stack.callback(ledger.close)
        if processes.csv:
            processes.csv.open(ledger)
        ledger.hide()
        stack.enter_context(live)
        watch = Watch(plan, clock, ledger=ledger, databases=processes.readers, live=live, stop=stop)
        for figures in watch.polls():
            _write(plan, figures, ledger, processes.csv)
        return figures


def outputs(plan: TrackPlan) -> Sequence[OutputFile]:
    """Return all that a plan writes."""
    return (
        OutputFile("track.output", plan.output),
        OutputFile("track.csv", plan.csv),
        OutputFile("track.summary", plan.summary),
        OutputFile("track.ledger", plan.ledger, only_file=True),
    )


def check_files(
    plan: TrackPlan, others: Iterable[OutputFile] = (), inputs: Iterable[InputFile] = ()
) -> None:
    """Raise an error unless all files can be read or written and no output overwrites another file.

    `others` and `inputs` are further files of the program. ConfigError where files are the same,
    StartError where a file is unusable.
    """
    read = [InputFile(f"track.sent ({path})", path) for path in plan.sent]
    if plan.logo:
        read.append(InputFile("track.logo", plan.logo))
    for _, path in read:
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            raise StartError(f"{path} cannot be read: {error.strerror}") from None
    check_outputs([*outputs(plan), *others], [*inputs, *read])
    if plan.ledger:
        check_ledger(plan.ledger)


def _write(plan: TrackPlan, figures: Figures, ledger: Ledger, csv: Optional[CsvFile]) -> None:
    ledger.shrink()
    with csv.being_written() if csv else nullcontext():
        if plan.summary:
            write_summary(figures, plan.summary)
        if plan.output:
            write_report(figures, ledger, Path(plan.output))
