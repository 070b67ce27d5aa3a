"""The status matrix of the page, without rows and columns that are empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from ..figures import Figures
from ..outcomes import KNOWN_STATUSES, Outcome, Status

_NAMES = {Status.UNKNOWN: "Other text", Status.NONE: "None yet", Status.NO_ROW: "No row"}
_OUTCOMES = {
    Status.SUCCESS: Outcome.PASSED,
    Status.FAILED: Outcome.FAILED,
    Status.TIMEOUT: Outcome.TIMEOUT,
    Status.UNKNOWN: Outcome.FAILED,
    Status.NONE: Outcome.IN_PROGRESS,
}


class MatrixRow(NamedTuple):
    """One ingress status: its cells, each with the result that colours it, and their sum."""

    name: str
    cells: Sequence[tuple[str, Optional[int]]]
    total: int


class Matrix(NamedTuple):
    """The matrix with names for people, and the sums of its columns."""

    columns: Sequence[str]
    rows: Sequence[MatrixRow]
    totals: Sequence[int]


def matrix(figures: Figures) -> Matrix:
    """Return ingress × egress: the known statuses always, the others if they occur."""
    counts = figures.matrix
    rows = [row for row in Status if row in KNOWN_STATUSES or any(counts[row])]
    columns = [
        column
        for column in Status
        if column in KNOWN_STATUSES or any(row[column] for row in counts)
    ]
    single = Outcome.UNPAIRED if figures.counts.unpaired else Outcome.PENDING
    return Matrix(
        [_name(column) for column in columns],
        [
            MatrixRow(
                _name(row),
                [_cell(counts, row, column, single) for column in columns],
                sum(counts[row]),
            )
            for row in rows
        ],
        [sum(row[column] for row in counts) for column in columns],
    )


def _name(status: Status) -> str:
    return _NAMES.get(status, status.name)


def _cell(
    counts: Sequence[Sequence[int]], ingress: Status, egress: Status, single: Outcome
) -> tuple[str, Optional[int]]:
    """Return the result that colours a cell, and its count; `single` is that without a partner."""
    missing = [status is Status.NO_ROW for status in (ingress, egress)]
    if all(missing):
        return "", None
    outcome = single if any(missing) else _OUTCOMES[egress]
    return outcome.key, counts[ingress][egress]
