"""Thresholds and comparisons as rows of a summary on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Optional

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ..text import escape
from ..units import show_duration, show_rate, show_size
from ..writing.rows import WIDTH, cut_middle, leader
from .baseline import Change
from .thresholds import Verdict, show

_COLUMN = 12
_FIGURE = 20  # cells of its name
_FOUND = 24  # cells for signs, gaps and what was found

_SHOW: Mapping[str, Callable[[float], str]] = {
    "count": lambda value: f"{int(value):,}",
    "size": show_size,
    "rate": show_rate,
    "time": show_duration,
}


def verdict_rows(
    verdicts: Sequence[Verdict], jobs: Sequence[str] = (), width: int = WIDTH
) -> Iterator[Text]:
    """Yield a line for each threshold, after an empty one; nothing without thresholds.

    `jobs` has the job that each is of, empty for one of all of them.
    """
    if not verdicts:
        return
    yield Text()
    widest = max(len(verdict.threshold.text) for verdict in verdicts)
    names = [escape(job) for job in jobs] or [""] * len(verdicts)
    room = min(max(map(cell_len, names)), max(8, width - widest - _FOUND))
    for verdict, name in zip(verdicts, names):
        sign, style = ("✓", "green") if verdict.ok else ("✗", "bold red")
        whose = f"{set_cell_size(cut_middle(name, room), room)}  " if room else ""
        text = f"{escape(verdict.threshold.text):<{widest}}"
        yield Text.assemble("    ", (sign, style), f" {whose}{text}  ", (show(verdict), style))


def change_rows(changes: Sequence[Change]) -> Iterator[Text]:
    """Yield a table of figures before and now, after an empty line; nothing without a baseline."""
    if not changes:
        return
    yield Text()
    heads = "".join(f"{head:>{_COLUMN}}" for head in ("before", "now", "change"))
    yield Text.assemble(f"    {'baseline':<{_FIGURE}}", (heads, "dim"))
    for one in changes:
        shown = show_change(one)
        worse = None if shown.startswith("0.0") else one.worse  # too little to be seen
        style = {True: "red", False: "green", None: "cyan"}[worse]
        line = leader(one.figure, _FIGURE)
        line.append(f"{show_figure(one, one.before):>{_COLUMN}}", "cyan")
        line.append(f"{show_figure(one, one.now):>{_COLUMN}}", "cyan")
        yield line.append(f"{shown:>{_COLUMN}}", style)


def show_figure(change: Change, value: Optional[float]) -> str:
    """Format one side of a comparison for people; a share is truncated."""
    if value is None:
        return "–"
    if change.unit == "share":
        return f"{int(Decimal(str(value)) * 10_000) / 100:.2f}%"
    return _SHOW[change.unit](value)


def show_change(change: Change) -> str:
    """Format the difference as `+12.3%`, or in points of per cent for a share."""
    if change.before is None or change.now is None:
        return "–"
    if change.unit == "share":
        return f"{_signed(100 * (change.now - change.before), 2)} pp"
    if change.change is None:
        return "–" if change.now == change.before else "new"
    return f"{_signed(100 * change.change, 1)}%"


def _signed(number: float, places: int) -> str:
    """Format a number with its sign, which 0 has not."""
    rounded = round(number, places)
    return f"{rounded:+.{places}f}" if rounded else f"{0:.{places}f}"
