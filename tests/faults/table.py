"""The rows as a table, in Markdown that reads well on a terminal of 100 columns (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .observed import Observed
from .run import Row

_HEAD = ("what happens", "job", "ok", "failed of kind", "drop", "back", "lets", "fds", "MB", "")
_RIGHT = (2, 4, 5)


def table(rows: Sequence[Row]) -> str:
    """All rows, then what was broken and what was not run; then a sentence on the whole."""
    return "\n".join([*_grid([_cells(row) for row in rows]), "", *_below(rows)]) + "\n"


def line(row: Row) -> str:
    """One row on a line of its own, as it ends."""
    cells = _cells(row)
    return f"{cells[-1]:<7} {row.case}: {cells[3]}; back {cells[5]}" + "".join(
        f"\n        {sentence}" for sentence in row.broken
    )


def _cells(row: Row) -> Sequence[str]:
    case, seen = row.case, row.seen
    head = (case.name, f"{case.protocol} {case.model}")
    if seen is None:
        return (*head, *("–",) * 7, "broken" if row.broken else "not run")
    return (
        *head,
        str(seen.count("ok")),
        ", ".join(f"{count} {kind}" for kind, count in seen.kinds.items()) or "none",
        str(seen.count("dropped")),
        "never" if seen.back_after is None else f"{seen.back_after:.1f} s",
        *_vitals(seen),
        "broken" if row.broken else "whole",
    )


def _vitals(seen: Observed) -> Iterator[str]:
    for before, after in (
        (seen.before.greenlets, seen.after.greenlets),
        (seen.before.descriptors, seen.after.descriptors),
        (seen.before.rss // 1_000_000, seen.after.rss // 1_000_000),
    ):
        yield "–" if before is None else f"{before}→{after}"


def _grid(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
    for row in (_HEAD, ["-" * width for width in widths], *rows):
        cells = [
            f"{cell:>{width}}" if index in _RIGHT else f"{cell:<{width}}"
            for index, (cell, width) in enumerate(zip(row, widths))
        ]
        yield f"| {' | '.join(cells)} |"


def _below(rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    broken = [row for row in rows if row.broken]
    missing = [row for row in rows if row.missing]
    for row in broken:
        yield f"**{row.case}**"
        yield from (f"- {sentence}" for sentence in row.broken)
        yield ""
    for row in missing:
        yield f"Not run: {row.case}: {row.missing}."
    whole = len(rows) - len(broken) - len(missing)
    yield f"{len(rows)} rows: {whole} whole, {len(broken)} broken, {len(missing)} not run."
