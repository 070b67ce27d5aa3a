"""The overview of all jobs in the summary on the terminal: a line a job, and the total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from ... import units
from ...text import escape
from ...verdicts.thresholds import Figures
from ...writing.rows import cut_names
from ..stats.snapshot import RunSnapshot
from .job_text import narrow_duration, show_count, show_rate
from .verdict import BAD_OUTCOMES, accepts

_INDENT = 4
_SHORTEST = 28  # cells of a name; columns are left out rather than to cut names to less


class _Column(NamedTuple):
    """A column of figures."""

    head: str
    width: int  # cells, the gap before it included
    importance: int  # columns with the highest numbers are left out first
    is_bad: bool = False  # red where it is not 0


_COLUMNS = (
    _Column("started", 9, 6),
    _Column("ok", 8, 1),
    _Column("failed", 8, 0, is_bad=True),
    _Column("dropped", 8, 2, is_bad=True),
    _Column("missing", 8, 2, is_bad=True),
    _Column("rate", 9, 4),
    _Column("target", 9, 5),
    _Column("resp.p95", 9, 3),
)


def overview_rows(run: RunSnapshot, width: int) -> Iterator[Text]:
    """Yield the table; `resp.p95` is of the response times of ok transfers."""
    missing = run.figures.total["missing"]
    wanted = [column for column in _COLUMNS if missing or column.head != "missing"]
    names = [escape(job.name) for job in run.jobs]
    longest = max(map(cell_len, ("total", *names)))
    columns = _that_fit(wanted, width - _INDENT - min(_SHORTEST, longest))
    name = max(1, min(longest, width - _INDENT - sum(column.width for column in columns)))
    heads = "".join(f"{column.head:>{column.width}}" for column in columns)
    yield Text()
    yield Text(f"{'':{_INDENT}}{'job':{name}}{heads}", "dim")
    for job, shown in zip(run.jobs, cut_names(names, name)):
        sized = set_cell_size(shown, name)
        line = Text.assemble("  ", _sign(run, job.name), " ", sized)
        no_target = "max" if job.job.known else "–"
        yield _with_figures(line, run.figures.jobs[job.name], columns, no_target)
    line = Text.assemble(" " * _INDENT, f"{'total':{name}}", style="bold")
    yield _with_figures(line, run.figures.total, columns, "–")


def _that_fit(columns: Sequence[_Column], room: int) -> Sequence[_Column]:
    left = list(columns)
    while left and sum(column.width for column in left) > room:
        left.remove(max(left, key=lambda column: column.importance))
    return left


def _sign(run: RunSnapshot, name: str) -> tuple[str, str]:
    """Return the sign of a job and its style: its thresholds decide, on outcomes that they name."""
    figures, verdicts = run.figures.jobs[name], run.verdicts[name]
    if not figures["scheduled"] and not verdicts:
        return "–", "dim"
    crossed = any(not verdict.ok for verdict in verdicts)
    bad = crossed or any(
        figures[outcome] and not accepts(verdicts, outcome) for outcome in BAD_OUTCOMES
    )
    return ("✗", "bold red") if bad else ("✓", "green")


def _with_figures(line: Text, figures: Figures, columns: Sequence[_Column], no_target: str) -> Text:
    cells = _cells(figures, no_target)
    for column in columns:
        style = "red" if column.is_bad and figures[column.head] else "cyan"
        line.append(f"{cells[column.head]:>{column.width}}", style)
    return line


def _cells(figures: Figures, no_target: str) -> dict[str, str]:
    counts = {"started": "sent", **{key: key for key in ("ok", "failed", "dropped", "missing")}}
    p95: Optional[float] = figures["response_time"]["p95"]
    target: Optional[float] = figures["target_rate"]
    return {
        **{head: show_count(figures[key] or 0) for head, key in counts.items()},
        "rate": show_rate(figures["achieved_rate"]),
        "target": no_target if target is None else units.show_rate(target),
        "resp.p95": "–" if p95 is None else narrow_duration(p95),
    }
