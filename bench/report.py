"""The results as Markdown, which is also readable on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from fthg import __version__

from .goals import EL9, NEWEST, GoalResult
from .machine import CLIENT, SERVER, description
from .rounds import Rounds

_NOTES = Path(__file__).with_name("notes.md")
TRACKING = "## Tracking"
MERGING = "## Merging"
_QUIET = 0.05  # the load by others up to which a machine is quiet

Row = Sequence[str]


def page(results: str, before: str) -> str:
    """Return the content of RESULTS.md: the results, the other sections as they were, and notes."""
    notes = _NOTES.read_text() if _NOTES.exists() else ""
    made = f"# Measured speed\n\nWritten by `./dev bench`.\n\n{results}\n{notes}"
    for title in (MERGING, TRACKING):
        if not _section(made, title):
            made = with_section(made, _section(before, title))
    return made


def with_section(text: str, section: str) -> str:
    """Return the content of RESULTS.md with this section instead of an older one, before the
    notes."""
    if not section:
        return text
    text = text.replace(_section(text, section.partition("\n")[0]), "")
    results, mark, notes = text.partition("## How it is measured")
    return f"{results}{section.rstrip()}\n\n{mark}{notes}"


def _section(text: str, title: str) -> str:
    """Return a section, with the empty line after it; empty if there is none."""
    found = re.search(rf"^{title}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def busy_line(busy: float) -> Iterator[str]:
    """Yield a line if others used more of the machine than a quiet one is used."""
    if busy > _QUIET:
        yield f"**The machine was not quiet**: others used {busy:.0%} of it at the start."


def format_results(
    rounds: Rounds,
    goals: Sequence[GoalResult],
    missing: Sequence[str],
    busy: float,
    sections: Sequence[str] = (),
) -> str:
    """Return machine, rates, lateness, other sections and goals as Markdown."""
    lines = [*_head(rounds, missing, busy), *_rates(rounds), *_late(rounds)]
    return "\n".join([*lines, *sections, *_goals(goals)]) + "\n"


def _head(rounds: Rounds, missing: Sequence[str], busy: float) -> Iterator[str]:
    yield f"fthg {__version__}, {date.today():%Y-%m-%d}. {description()}."
    yield (
        f"Client on core {CLIENT}, server on core {SERVER}; medians of {rounds.count} rounds, in "
        "which the tools take turns, and of the ratios of each round. No two answers of the HTTP "
        "server are the same."
    )
    yield from busy_line(busy)
    if missing:
        yield f"Missing here: {', '.join(missing)}."
    yield ""


def _rates(rounds: Rounds) -> Iterator[str]:
    for work, by_tool in rounds.taken.items():
        yield f"## {work}"
        yield ""
        rows = [_rate_row(rounds, work, tool) for tool in by_tool]
        heads = ("tool", "files/s", "least–most", "CPU µs a file", "peak MB", "server busy")
        yield from table((*heads, "fthg ÷ it", "RHEL 9 ÷ it"), rows)
        yield ""


def _rate_row(rounds: Rounds, work: str, tool: str) -> Row:
    taken = rounds.middle(work, tool)
    if taken is None:
        return (tool, "none", *("–",) * 6)
    least, most = rounds.spread(work, tool)
    ratios = [rounds.ratio(work, who, tool) for who in (NEWEST, EL9)]
    return (
        tool,
        _number(taken.rate),
        f"{_number(least)}–{_number(most)}",
        _number(1e6 * taken.cost),
        f"{taken.peak / 1e6:.0f}",
        f"{taken.server:.0%}",
        *(f"{ratio:.2f}" if ratio else "–" for ratio in ratios),
    )


def _late(rounds: Rounds) -> Iterator[str]:
    for rate, by_tool in rounds.late.items():
        yield f"## Open model, HTTP 1 KiB at {rate}/s: lateness at the server"
        yield ""
        rows: list[Row] = []
        for tool in by_tool:
            late = rounds.middle_late(rate, tool)
            rows.append(
                (
                    tool,
                    f"{late.p50:.2f}",
                    f"{late.p99:.2f}",
                    f"{late.worst:.2f}",
                    f"{late.dropped:.0f}",
                )
                if late
                else (tool, *("–",) * 4)
            )
        yield from table(("tool", "p50 ms", "p99 ms", "max ms", "most dropped"), rows)
        yield ""


def _goals(goals: Iterable[GoalResult]) -> Iterator[str]:
    yield "## Goals"
    yield ""
    rows = [
        (one.work, one.goal, one.who, one.found, "✓" if one.ok else "✗ missed") for one in goals
    ]
    yield from table(("work", "goal", "who", "found", ""), rows)


def table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of a table."""
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    for row in (head, ["-" * width for width in widths], *rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths)]
        yield f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
