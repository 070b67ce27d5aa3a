"""The files of a tracking run, each replaced whole; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple, Optional

from ..errors import StartError
from ..writing import writing
from .export import write_csv, write_summary
from .figures import Figures
from .ledger import Ledger
from .plan import TrackPlan
from .report import write_report


class TrackOutput(NamedTuple):
    """One file, and the call that writes it, in any thread; it raises StartError if it cannot."""

    path: str
    write: Callable[[], None]


def write_outputs(
    plan: TrackPlan, figures: Figures, ledger: Ledger, only: Optional[Collection[str]] = None
) -> dict[str, str]:
    """Write all files of a plan, or `only` some paths; return path → error of those that failed.

    What was whole before stays whole. May be called in a thread that shares the ledger with nobody.
    """
    ledger.shrink()
    errors: dict[str, str] = {}
    with writing():
        for path, write in _outputs(plan, figures, ledger):
            if only is not None and path not in only:
                continue
            try:
                write()
            except StartError as error:
                errors[path] = str(error)
    return errors


def _outputs(plan: TrackPlan, figures: Figures, ledger: Ledger) -> Iterator[TrackOutput]:
    csv, summary, page = plan.csv, plan.summary, plan.output
    if csv:
        yield TrackOutput(csv, lambda: write_csv(ledger, csv, sent=bool(plan.sent)))
    if summary:
        yield TrackOutput(summary, lambda: write_summary(figures, summary))
    if page:
        yield TrackOutput(page, lambda: write_report(figures, ledger, Path(page)))
