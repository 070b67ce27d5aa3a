"""The live view as a rich renderable: a line a job, made by hand because it is redrawn often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from rich.cells import set_cell_size
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style

from ...text import escape
from ...writing.rows import cut_names
from ..stats.job_snapshot import JobSnapshot
from ..stats.snapshot import RunSnapshot
from .job_text import in_flight, limit, p95, show_count, show_rate, target, whole_seconds
from .live_notes import notes, open_outages

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
        "outage": Style(color="red", bold=True),
    }
)

_WIDEST = 120
_NAME = 10  # cells of a name at least
_BESIDE = 4  # lines: the head, "more jobs", the total, and one for the lines above


class _Column(NamedTuple):
    """A column after the name."""

    head: str
    width: int  # cells, without the gap before it
    importance: int  # columns with the highest numbers are left out first


_COLUMNS = (
    _Column("state", 8, 2),
    _Column("progress", 9, 7),
    _Column("rate", 8, 3),
    _Column("target", 8, 6),
    _Column("ok", 7, 1),
    _Column("failed", 6, 0),
    _Column("dropped", 7, 8),
    _Column("in flight", 9, 5),
    _Column("p95", 6, 4),
)
_LEFT = ("state", "progress")
_BAD = ("failed", "dropped")

Cells = Mapping[str, tuple[str, Style]]
"""The text of each column by its head, and its style."""


class LiveTable:
    """A table of jobs with the rate of each, those that fail first, as wide as the terminal."""

    def __init__(self, run: RunSnapshot, rates: Mapping[str, float]) -> None:
        self._run = run
        self._rates = rates

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Yield whole lines, no wider and no more than fit."""
        width = min(options.max_width, _WIDEST) - 1
        out = {outage.job for outage in open_outages(self._run)}
        jobs = sorted(self._run.jobs, key=lambda job: _rank(job, out))
        layout = _Layout(width, self._run.jobs, unicode=options.encoding.startswith("utf"))
        below = list(notes(self._run, dropped=not layout.has("dropped")))
        room = max(1, console.height - _BESIDE - len(below))
        yield from layout.line("", {column.head: (column.head, _DIM) for column in _COLUMNS})
        for job in jobs[:room]:
            state = "outage" if job.name in out else job.state
            yield from layout.line(
                layout.names[job.name], _cells(job, state, self._rates[job.name], layout)
            )
        if jobs[room:]:
            yield from _text(_more(jobs[room:]), _DIM, width)
        if len(jobs) > 1:
            yield from layout.line("total", _total(jobs, sum(self._rates.values())), _BOLD)
        for text, style in below:
            yield from _text(text, style, width)


def _rank(job: JobSnapshot, out: Iterable[str]) -> int:
    """Return the place of a job among the others: what is wrong comes first, what rests last."""
    if job.name in out:
        return 0
    if _is_bad(job):
        return 1
    return 2 if job.state in {"running", "stopping"} else 3


def _is_bad(job: JobSnapshot) -> bool:
    return bool(job.metrics.outcomes["failed"] or job.metrics.outcomes["dropped"])


def _more(jobs: Sequence[JobSnapshot]) -> str:
    bad = sum(map(_is_bad, jobs))
    failing = f", {bad} of them with failures or drops" if bad else ""
    return f"and {len(jobs)} more job{'s'[: len(jobs) > 1]}{failing}"


class _Layout:
    """The columns that fit into a width, the least important ones left out, and cut names."""

    def __init__(self, width: int, jobs: Sequence[JobSnapshot], *, unicode: bool) -> None:
        self.unicode = unicode
        spare = width - _NAME
        chosen = []
        for column in sorted(_COLUMNS, key=lambda column: column.importance):
            if column.width < spare:
                chosen.append(column)
                spare -= column.width + 1
        self._columns = [column for column in _COLUMNS if column in chosen]
        names = tuple(escape(job.name) for job in jobs)
        most = spare if not self.has("progress") else spare * 2 // 3
        self._name = _NAME + max(0, min(max(map(len, names), default=0) - _NAME, most))
        self.progress = 9 + spare - (self._name - _NAME)
        self.names = dict(zip((job.name for job in jobs), _cut_once(names, self._name)))

    def has(self, head: str) -> bool:
        """Return True if there is room for a column."""
        return any(column.head == head for column in self._columns)

    def line(self, name: str, cells: Cells, style: Style = _PLAIN) -> Iterator[Segment]:
        """Yield one line of the table."""
        yield Segment(set_cell_size(name, self._name), style)
        for head, width, _ in self._columns:
            text, cell_style = cells.get(head, ("", _PLAIN))
            if head == "progress":
                text = f"{text[: self.progress]:<{self.progress}}"
            elif head in _LEFT:
                text = f"{text:<{width}}"
            yield Segment(f" {text:>{width}}", cell_style)
        yield Segment.line()


@lru_cache(maxsize=4)
def _cut_once(names: tuple[str, ...], room: int) -> Sequence[str]:
    """Return names that are cut: of a thousand jobs it takes too long for each time it is drawn."""
    return cut_names(names, room)


def _cells(job: JobSnapshot, state: str, rate: float, layout: _Layout) -> Cells:
    outcomes = job.metrics.outcomes
    failed, dropped = outcomes["failed"], outcomes["dropped"]
    full = job.in_flight >= limit(job) and job.state == "running"
    return {
        "state": (state, _STATE[state]),
        "progress": (_progress(job, layout), _STATE[state]),
        "rate": (show_rate(rate) if job.state == "running" else "", _PLAIN),
        "target": (target(job), _DIM),
        "ok": (show_count(outcomes["ok"]), _PLAIN),
        "failed": (show_count(failed), _RED if failed else _DIM),
        "dropped": (show_count(dropped), _RED if dropped else _DIM),
        "in flight": (in_flight(job), _YELLOW if full else _PLAIN),
        "p95": (p95(job), _PLAIN),
    }


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


def _total(jobs: Sequence[JobSnapshot], rate: float) -> Cells:
    sums = {
        outcome: sum(job.metrics.outcomes[outcome] for job in jobs)
        for outcome in ("ok", "failed", "dropped")
    }
    return {
        "progress": (whole_seconds(max(job.dispatching for job in jobs)), _PLAIN),
        "rate": (show_rate(rate) if rate else "", _BOLD),
        "ok": (show_count(sums["ok"]), _BOLD),
        **{bad: (show_count(sums[bad]), _RED if sums[bad] else _DIM) for bad in _BAD},
        "in flight": (str(sum(job.in_flight for job in jobs)), _BOLD),
    }


def _text(text: str, style: Style, width: int) -> Iterator[Segment]:
    shown = set_cell_size(text, width)
    if shown.rstrip() != text.rstrip():
        shown = set_cell_size(text, width - 1) + "…"
    yield Segment(shown.rstrip(), style)
    yield Segment.line()
