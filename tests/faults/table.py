"""The rows as tables: a full one for a terminal, a shorter one in Markdown (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional

from .observed import Observed
from .run import Row

_FIGURES = ("ok", "failed of kind", "drop", "first ok", "late", "lets", "fds", "MB")
_MOST = 8  # violations of a row that are listed
_RIGHT = (1, 3, 4, 5)  # columns with numbers that are compared


def table(rows: Sequence[Row]) -> str:
    """Return each fault with a line for each job, then the rows that are broken or were not run.

    first ok: seconds after the fault, or to the end after two SIGINT. late: the latest start of the
    neighbour. lets, fds, MB: greenlets, descriptors and resident memory, before it and after.
    """
    cells = [("to", *_FIGURES, ""), *(_cells(row) for row in rows)]
    head, *texts = _aligned(cells, _RIGHT)
    lines, last = [f"  {head}".rstrip()], ""
    for row, text in zip(rows, texts):
        if row.case.name != last:
            last = row.case.name
            lines += ["", last]
        lines.append(f"  {text}")
    return "\n".join([*lines, "", *_below(rows)]) + "\n"


def short_table(rows: Sequence[Row]) -> str:
    """Return a line for each fault: sums, the longest times, and the largest growth."""
    names = dict.fromkeys(row.case.name for row in rows)
    lines = [_joined([row for row in rows if row.case.name == name]) for name in names]
    head = ("fault", "to", *_FIGURES[:5], "greenlets", "descriptors", "MB", "whole")
    rule = ["-" * max(map(len, column)) for column in zip(head, *lines)]
    shift = [column + 1 for column in _RIGHT]
    grid = [f"| {' | '.join(cells)} |" for cells in _padded([head, rule, *lines], shift)]
    return "\n".join([*grid, "", *_below(rows)]) + "\n"


def line(row: Row) -> str:
    """Return one row as a line, for progress."""
    cells = _cells(row)
    what = "ended" if row.case.interrupted else "first ok"
    return f"{cells[-1]:<7} {row.case}: {cells[2]}; {what} after {cells[4]}" + "".join(
        f"\n        {sentence}" for sentence in _some(row.broken)
    )


def _some(sentences: Sequence[str]) -> Sequence[str]:
    """Return the first of them: a violation may concern every file."""
    more = len(sentences) - _MOST
    return sentences if more <= 0 else [*sentences[:_MOST], f"and {more} more"]


def _cells(row: Row) -> Sequence[str]:
    case, seen = row.case, row.seen
    job = f"{case.protocol} {case.model}"
    if seen is None:
        return (job, *"–" * len(_FIGURES), "broken" if row.broken else "not run")
    return (
        job,
        str(seen.count("ok")),
        _counts(seen.kinds),
        str(seen.count("dropped")),
        _longest([_recovery(row)]),
        "–" if seen.latest is None else f"{seen.latest:.2f} s",
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
    latest = [seen.latest for seen in found if seen.latest is not None]
    return (
        rows[0].case.name,
        " ".join(dict.fromkeys(row.case.protocol for row in rows)),
        str(sum(seen.count("ok") for seen in found)),
        _counts(dict(kinds.most_common())),
        str(sum(seen.count("dropped") for seen in found)),
        _longest([_recovery(row) for row in rows if row.seen]),
        f"{max(latest):.2f} s" if latest else "–",
        *_growth(found),
        f"{sum(not row.broken for row in rows if row.seen)} of {len(rows)}",
    )


def _recovery(row: Row) -> Optional[float]:
    """Return the seconds to the first success, or to the end that was asked for; None: never."""
    assert row.seen is not None
    if row.case.interrupted:
        return None if row.seen.status is None else row.seen.ending
    return row.seen.back_after


def _longest(times: Sequence[Optional[float]]) -> str:
    known = [time for time in times if time is not None]
    return "never" if len(known) < len(times) else f"{max(known, default=0.0):.1f} s"


def _growth(found: Sequence[Observed]) -> Iterator[str]:
    for each in zip(*(_pairs(seen) for seen in found)):
        yield f"{max((after or 0) - (before or 0) for before, after in each):+d}"
    yield from "–" * (0 if found else 3)


def _counts(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "none"


def _aligned(rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[str]:
    return ("  ".join(cells).rstrip() for cells in _padded(rows, right))


def _padded(rows: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[Sequence[str]]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield [
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths))
        ]


def _below(rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    broken = [row for row in rows if row.broken]
    missing = [row for row in rows if row.missing]
    for row in broken:
        yield f"**{row.case}**"
        yield ""
        yield from (f"- {sentence}" for sentence in _some(row.broken))
        yield ""
    again = [row for row in rows if row.first and not row.broken]
    for row in again:
        yield f"Whole when run again by itself: {row.case}; on a busy machine: {row.first[0]}."
    for row in missing:
        yield f"Not run: {row.case}: {row.missing}."
    whole = len(rows) - len(broken) - len(missing)
    yield f"{len(rows)} rows: {whole} whole, {len(broken)} broken, {len(missing)} not run."
