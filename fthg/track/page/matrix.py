"""The status matrix as the page shows it: without rows and columns that have nothing to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..figures import STATUSES, Figures

_ALWAYS = STATUSES[:3]
_NAMES = {"unknown": "Other text", "NULL": "None yet", "no row": "No row"}
_KINDS = {"SUCCESS": "passed", "FAILED": "failed", "TIMEOUT": "timeout", "unknown": "failed"}


class Line(NamedTuple):
    """One ingress status: its cells, each with the result that colours it, and their sum."""

    name: str
    cells: Sequence[tuple[str, Optional[int]]]
    total: int


class Matrix(NamedTuple):
    """The matrix with names for people, and the sums of its columns."""

    columns: Sequence[str]
    lines: Sequence[Line]
    totals: Sequence[int]


def matrix(figures: Figures) -> Matrix:
    """Ingress × egress: the three statuses always, all else where it occurs."""
    counts = figures.matrix
    rows = [i for i, status in enumerate(STATUSES) if status in _ALWAYS or any(counts[i])]
    columns = [
        j for j, status in enumerate(STATUSES) if status in _ALWAYS or any(r[j] for r in counts)
    ]
    alone = "unpaired" if figures.counts.unpaired else "pending"
    return Matrix(
        [_name(j) for j in columns],
        [
            Line(_name(i), [_cell(counts, i, j, alone) for j in columns], sum(counts[i]))
            for i in rows
        ],
        [sum(line[j] for line in counts) for j in columns],
    )


def _name(index: int) -> str:
    return _NAMES.get(STATUSES[index], STATUSES[index])


def _cell(counts: Sequence[Sequence[int]], i: int, j: int, alone: str) -> tuple[str, Optional[int]]:
    missing = [STATUSES[index] == "no row" for index in (i, j)]
    if all(missing):
        return "", None
    return alone if any(missing) else _KINDS.get(STATUSES[j], "in_progress"), counts[i][j]
