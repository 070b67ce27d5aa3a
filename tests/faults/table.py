"""The rows as tables, in Markdown that reads well on a terminal, too (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional

from .observed import Observed
from .run import Row

_FIGURES = ("ok", "failed of kind", "drop", "back", "lets", "fds", "MB")
_RIGHT = (2, 4, 5)


def table(rows: Sequence[Row]) -> str:
    """A line a row, then what was broken and what was not run, then a sentence on the whole.

    lets, fds, MB: greenlets, descriptors and resident memory, before and after.
    """
    head = ("what happens", "job", *_FIGURES, "")
    return "\n".join([*_grid(head, [_cells(row) for row in rows]), "", *_below(rows)]) + "\n"


def short_table(rows: Sequence[Row]) -> str:
    """A line for each thing that happens: sums, the longest recovery, and the most growth."""
    names = dict.fromkeys(row.case.name for row in rows)
    lines = [_joined([row for row in rows if row.case.name == name]) for name in names]
    head = ("what happens", "to", *_FIGURES, "whole")
    return "\n".join([*_grid(head, lines), "", *_below(rows)]) + "\n"


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
        return (*head, *"–" * len(_FIGURES), "broken" if row.broken else "not run")
    return (
        *head,
        str(seen.count("ok")),
        _counts(seen.kinds),
        str(seen.count("dropped")),
        "never" if seen.back_after is None else f"{seen.back_after:.1f} s",
        *_vitals(seen),
        "broken" if row.broken else "whole",
    )


def _vitals(seen: Observed) -> Iterator[str]:
    for before, after in _pairs(seen):
        yield "–" if before is None else f"{before}→{after}"


def _pairs(seen: Observed) -> Iterator[tuple[Optional[int], Optional[int]]]:
    yield seen.before.greenlets, seen.after.greenlets
    yield seen.before.descriptors, seen.after.descriptors
    yield seen.before.rss // 1_000_000, seen.after.rss // 1_000_000


def _joined(rows: Sequence[Row]) -> Sequence[str]:
    found = [row.seen for row in rows if row.seen]
    kinds: Counter[str] = Counter()
    for seen in found:
        kinds.update(seen.kinds)
    backs = [seen.back_after for seen in found]
    longest = max((back for back in backs if back is not None), default=0.0)
    return (
        rows[0].case.name,
        " ".join(dict.fromkeys(row.case.protocol for row in rows)),
        str(sum(seen.count("ok") for seen in found)),
        _counts(dict(kinds.most_common())),
        str(sum(seen.count("dropped") for seen in found)),
        "never" if None in backs else f"{longest:.1f} s",
        *_growth(found),
        f"{sum(not row.broken for row in rows if row.seen)} of {len(rows)}",
    )


def _growth(found: Sequence[Observed]) -> Iterator[str]:
    for each in zip(*(_pairs(seen) for seen in found)):
        yield f"{max((after or 0) - (before or 0) for before, after in each):+d}"
    yield from "–" * (0 if found else 3)


def _counts(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows)]
    for row in (head, ["-" * width for width in widths], *rows):
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
        yield ""
        yield from (f"- {sentence}" for sentence in row.broken)
        yield ""
    for row in missing:
        yield f"Not run: {row.case}: {row.missing}."
    whole = len(rows) - len(broken) - len(missing)
    yield f"{len(rows)} rows: {whole} whole, {len(broken)} broken, {len(missing)} not run."
