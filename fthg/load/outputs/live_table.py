"""The live view as a rich renderable: a line a job, made by hand because it is redrawn often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

from rich.cells import set_cell_size
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from ...text import escape
from ..stats.job_snapshot import JobSnapshot
from .job_text import in_flight, limit, p95, show_count, show_rate, target, whole_seconds

_PLAIN = Style()
_DIM = Style(dim=True)
_BOLD = Style(bold=True)
_RED = Style(color="red")
_YELLOW = Style(color="yellow")
_STATE = MappingProxyType(
    {
        "waiting": _DIM,
        "running": Style(color="cyan"),
        "stopping": _YELLOW,
        "done": Style(color="green"),
    }
)

_NARROW = 80
_WIDE = 120
_HEADS = (
    *(("state", 8), ("progress", 9), ("rate", 8), ("target", 8), ("ok", 7), ("failed", 6)),
    *(("dropped", 7), ("in flight", 9), ("p95", 6)),
)
_LEFT = ("state", "progress")

Cells = Sequence[tuple[str, Style]]
"""The text of each column after the name, and its style."""


class LiveTable:
    """A table of jobs with the rate of each: 80 columns at least, better with 120."""

    def __init__(self, rows: Sequence[tuple[JobSnapshot, float]]) -> None:
        self._rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield whole lines, no wider and no more than fit."""
        width = min(max(options.max_width, _NARROW), _WIDE) - 1
        unicode = options.encoding.startswith("utf")
        layout = _Layout(width, unicode)
        room = max(1, console.height - 5)
        yield from layout.line("", [(head, _DIM) for head, _ in _HEADS])
        for job, rate in self._rows[:room]:
            yield from layout.line(escape(job.name), _cells(job, rate, layout))
        if len(self._rows) > room:
            yield from _text(f"and {len(self._rows) - room} more jobs", _DIM)
        if len(self._rows) > 1:
            yield from layout.line("total", _total(self._rows), _BOLD)
        if not layout.wide:
            yield from _dropped([job for job, _ in self._rows])


class _Layout:
    """The columns for a width; `dropped` is one only where there is room."""

    def __init__(self, width: int, unicode: bool) -> None:
        self.unicode = unicode
        self.wide = width >= 99
        self._columns = [(head, cells) for head, cells in _HEADS if self.wide or head != "dropped"]
        spare = width - 10 - sum(cells + 1 for _, cells in self._columns)
        self._name = 10 + spare // 2
        self.progress = 9 + spare - spare // 2

    def line(self, name: str, cells: Cells, style: Style = _PLAIN) -> Iterator[Segment]:
        """One line of the table."""
        yield Segment(_cut(name, self._name), style)
        shown = dict(zip((head for head, _ in _HEADS), cells))
        for head, width in self._columns:
            text, cell_style = shown[head]
            if head == "progress":
                text = f"{text[: self.progress]:<{self.progress}}"
            elif head in _LEFT:
                text = f"{text:<{width}}"
            yield Segment(f" {text:>{width}}", cell_style)
        yield Segment.line()


def _cells(job: JobSnapshot, rate: float, layout: _Layout) -> Cells:
    outcomes = job.metrics.outcomes
    failed, dropped = outcomes["failed"], outcomes["dropped"]
    full = job.in_flight >= limit(job) and job.state == "running"
    return [
        (job.state, _STATE[job.state]),
        (_progress(job, layout), _STATE[job.state]),
        (show_rate(rate) if job.state == "running" else "", _PLAIN),
        (target(job), _DIM),
        (show_count(outcomes["ok"]), _PLAIN),
        (show_count(failed), _RED if failed else _DIM),
        (show_count(dropped), _RED if dropped else _DIM),
        (in_flight(job), _YELLOW if full else _PLAIN),
        (p95(job), _PLAIN),
    ]


def _progress(job: JobSnapshot, layout: _Layout) -> str:
    if job.state == "waiting":
        return f"in {whole_seconds(1 + job.starts_in)}"
    progress = job.progress
    if progress is None:
        return whole_seconds(job.dispatching)
    cells = layout.progress - 5
    done = int(cells * progress)
    full, empty = ("━", "─") if layout.unicode else ("#", "-")
    return f"{full * done}{empty * (cells - done)} {int(100 * progress):3d}%"


def _total(rows: Iterable[tuple[JobSnapshot, float]]) -> Cells:
    jobs = [job for job, _ in rows]
    rate = sum(rate for _, rate in rows)
    sums = {
        outcome: sum(job.metrics.outcomes[outcome] for job in jobs)
        for outcome in ("ok", "failed", "dropped")
    }
    return [
        ("", _PLAIN),
        (whole_seconds(max(job.dispatching for job in jobs)), _PLAIN),
        (show_rate(rate) if rate else "", _BOLD),
        ("", _PLAIN),
        (show_count(sums["ok"]), _BOLD),
        *((show_count(sums[bad]), _RED if sums[bad] else _DIM) for bad in ("failed", "dropped")),
        (str(sum(job.in_flight for job in jobs)), _BOLD),
        ("", _PLAIN),
    ]


def _dropped(jobs: Iterable[JobSnapshot]) -> Iterator[Segment]:
    counts = [
        f"{escape(job.name)} {count}" for job in jobs if (count := job.metrics.outcomes["dropped"])
    ]
    if counts:
        yield from _text(f"dropped: {', '.join(counts)}", _RED)


def _text(text: str, style: Style) -> Iterator[Segment]:
    yield Segment(_cut(text, _NARROW - 1).rstrip(), style)
    yield Segment.line()


def _cut(text: str, width: int) -> str:
    shown = set_cell_size(text, width)
    return shown if shown.rstrip() == text.rstrip() else set_cell_size(text, width - 1) + "…"
