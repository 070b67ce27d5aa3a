"""The stages of a job in the summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from ...text import escape
from ...verdicts.thresholds import Figures
from ...writing.rows import WIDTH, cut_middle, row
from .job_text import narrow_duration, show_count, show_rate

_MOST = 20
_INDENT = 4
_HEADS = ("lasted", "scheduled", "ok", "failed", "dropped", "rate", "resp.p95")
_SHORTEST = 17  # characters of the first column


def stage_rows(stages: Sequence[Figures], width: int = WIDTH) -> Iterator[Text]:
    """Yield a table of the stages of a job, or nothing if it has none.

    Of very many the first and the last are shown: it is the end where a system breaks.
    """
    if not stages:
        return
    left_out = len(stages) - _MOST
    shown = stages if left_out <= 0 else [*stages[: _MOST // 2], *stages[-_MOST // 2 :]]
    heads, *lines = _table(shown, width)
    if left_out > 0:
        lines.insert(_MOST // 2, row("and", str(left_out), "more in the JSON"))
    yield from (Text(), heads, *lines)


def _table(stages: Sequence[Figures], width: int) -> Iterator[Text]:
    names = [escape(stage["rate"]) for stage in stages]
    cells = [_cells(stage) for stage in stages]
    name, *widths = _widths(names, cells, width)
    heads = "".join(f"{head:>{width}}" for head, width in zip(_HEADS, widths))
    yield Text(f"{'':{_INDENT}}{'stage':{name}}{heads}", "dim")
    for stage, text, values in zip(stages, names, cells):
        line = Text(f"{'':{_INDENT}}{cut_middle(text, name):{name}}")
        for head, cells_wide, value in zip(_HEADS, widths, values):
            bad = head in ("failed", "dropped") and stage[head]
            line.append(f"{value:>{cells_wide}}", "red" if bad else "cyan")
        yield line


def _widths(names: Sequence[str], cells: Sequence[Sequence[str]], whole: int) -> Sequence[int]:
    """Return the widths of all columns: names get what the figures leave, and as they need it."""
    needed = [max(map(len, column)) for column in zip(_HEADS, *cells)]
    longest = max(_SHORTEST, *map(len, names))
    room = max(WIDTH, whole) - _INDENT - sum(needed)
    gap = 2 if longest + 2 * len(needed) <= room else 1
    return [min(longest, room - gap * len(needed)), *(width + gap for width in needed)]


def _cells(stage: Figures) -> Sequence[str]:
    p95 = stage["response_time"]["p95"]
    return [
        narrow_duration(stage["seconds"]),
        *(show_count(stage[count]) for count in ("scheduled", "ok", "failed", "dropped")),
        show_rate(stage["achieved_rate"]),
        "–" if p95 is None else narrow_duration(p95),
    ]
