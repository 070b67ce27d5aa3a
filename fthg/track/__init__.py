"""Tracking mode: two databases, one report."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path
from typing import Optional, TextIO

from gevent.event import Event
from rich.console import Console

from ..clock import Clock
from ..errors import StartError
from .export import check_outputs, write_csv, write_summary
from .figures import Figures
from .ledger import Ledger
from .live import Live, verdict
from .plan import TRACK_KEYS, TrackPlan, track_plan
from .report import write_report
from .rows import Database
from .watch import Watch

__all__ = ["TRACK_KEYS", "TrackPlan", "run", "track_plan"]

UNPAIRED = 5
"""The exit status where rows without a partner, or missing files, were found."""


def run(
    plan: TrackPlan,
    clock: Clock,
    console: Console,
    out: TextIO,
    *,
    stop: Optional[Event] = None,
    quiet: bool = False,
    status_interval: float = 60.0,
) -> int:
    """Follow both databases until the end, write the reports, and return the exit status, 0 or 5.

    Progress goes to `console`, the verdict to `out`; `stop` set ends polling early. Raises
    StartError if a file cannot be read or written, DatabaseError if a database fails: the
    reports of an earlier poll stay whole.
    """
    _check_files(plan)
    try:
        figures = _follow(
            plan, clock, Live(console, clock, quiet, status_interval), stop or Event()
        )
    except sqlite3.OperationalError as error:
        raise StartError(f"the ledger {plan.ledger or '(temporary)'} failed: {error}") from error
    out.writelines(f"{line}\n" for line in verdict(figures))
    if plan.output:
        out.write(f"report: {plan.output}\n")
    missing = figures.sent.missing.total if figures.sent else 0
    return UNPAIRED if figures.counts.unpaired or missing else 0


def _follow(plan: TrackPlan, clock: Clock, live: Live, stop: Event) -> Figures:
    with ExitStack() as stack:
        ledger = Ledger(plan.start, plan.end, plan.grace, plan.ledger)
        stack.callback(ledger.close)
        databases = [Database(side) for side in (plan.ingress, plan.egress)]
        for database in databases:
            stack.callback(database.close)
        stack.enter_context(live)
        watch = Watch(plan, clock, ledger=ledger, databases=databases, live=live, stop=stop)
        for figures in watch.polls():
            _write(plan, figures, ledger)
        return figures


def _check_files(plan: TrackPlan) -> None:
    path = ""
    try:
        for path in filter(None, (plan.logo, *plan.sent)):
            with open(path, "rb"):
                pass
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}") from None
    check_outputs(plan.outputs)


def _write(plan: TrackPlan, figures: Figures, ledger: Ledger) -> None:
    ledger.shrink()
    if plan.csv:
        write_csv(ledger, plan.csv, sent=bool(plan.sent))
    if plan.summary:
        write_summary(figures, plan.summary)
    if plan.output:
        write_report(figures, ledger, Path(plan.output))
