"""The end of a tracking run: what is printed, and the exit status."""

from __future__ import annotations

from typing import Optional

from rich.console import Console
from rich.text import Text

from ..errors import StartError
from ..text import escape
from ..verdicts.thresholds import CROSSED, show
from ..writing.rows import print_rows
from .figures import Figures
from .plan import TrackPlan
from .summary import summary_rows
from .verdict import crossed_thresholds

UNPAIRED = 5
"""The exit status where rows without a partner, or missing files, were found."""


def print_end(figures: Figures, plan: TrackPlan, out: Optional[Console], terminal: Console) -> None:
    """Print the summary to `out`; without it, failed thresholds to the terminal."""
    if out:
        print_rows(summary_rows(figures, plan), out)
        return
    for one in crossed_thresholds(figures):
        line = f"fthg: threshold failed: {one.threshold.text}, found {show(one)}"
        terminal.print(Text(escape(line)))


def exit_status(figures: Figures, unwritten: bool = False) -> int:
    """Return the exit status of a run that was not cut; `unwritten`: an output failed."""
    if unwritten:
        return StartError.status
    if figures.counts.unpaired or (figures.sent and figures.sent.missing.total):
        return UNPAIRED
    return CROSSED if crossed_thresholds(figures) else 0
