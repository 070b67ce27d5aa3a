"""The stages of a job in the summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from ... import units
from ...text import escape
from ...verdicts.thresholds import Figures
from ...writing.rows import WIDTH, row
from .job_text import show_count, show_rate

_MOST = 20
_INDENT = 4
_COLUMNS = {
    "lasted": 8,
    "scheduled": 10,
    "ok": 7,
    "failed": 8,
    "dropped": 8,
    "rate": 9,
    "resp.p95": 9,
}
"""Heads and widths; each has a space more than what it shows at most."""

_NAME = WIDTH - _INDENT - sum(_COLUMNS.values())


def stage_rows(stages: Sequence[Figures]) -> Iterator[Text]:
    """Yield a table of the stages of a job, or nothing if it has none.

    Of very many the first and the last are shown: it is the end where a system breaks.
    """
    if not stages:
        return
    heads = "".join(f"{head:>{width}}" for head, width in _COLUMNS.items())
    yield Text()
    yield Text(f"{'':{_INDENT}}{'stage':{_NAME}}{heads}", "dim")
    left_out = len(stages) - _MOST
    if left_out <= 0:
        yield from map(_stage, stages)
        return
    yield from map(_stage, stages[: _MOST // 2])
    yield row("and", str(left_out), "more in the JSON")
    yield from map(_stage, stages[-_MOST // 2 :])


def _stage(stage: Figures) -> Text:
    p95 = stage["response_time"]["p95"]
    shown = [
        _duration(stage["seconds"]),
        *(show_count(stage[count]) for count in ("scheduled", "ok", "failed", "dropped")),
        show_rate(stage["achieved_rate"]),
        "–" if p95 is None else _duration(p95),
    ]
    line = Text(f"{'':{_INDENT}}{_cut(escape(stage['rate'])):{_NAME}}")
    for (head, width), text in zip(_COLUMNS.items(), shown):
        bad = head in ("failed", "dropped") and stage[head]
        line.append(f"{text:>{width}}", "red" if bad else "cyan")
    return line


def _duration(seconds: float) -> str:
    return units.show_duration(seconds).replace(" ", "")


def _cut(text: str) -> str:
    """Return a text that fits the first column: a longer one lacks its middle."""
    if len(text) <= _NAME:
        return text
    end = (_NAME - 1) // 2
    return f"{text[: _NAME - 1 - end]}…{text[-end:]}"
