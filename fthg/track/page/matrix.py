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


class Cell(NamedTuple):
    """One pair of statuses: the result that colours it, its count, the filter that finds it."""

    kind: str
    transfers: Optional[int]  # None: impossible
    filter: str


class MatrixRow(NamedTuple):
    """One ingress status: its cells and their sum."""

    name: str
    cells: Sequence[Cell]
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
        [status_label(column) for column in columns],
        [
            MatrixRow(
                status_label(row),
                [_cell(counts, row, column, single) for column in columns],
                sum(counts[row]),
            )
            for row in rows
        ],
        [sum(row[column] for row in counts) for column in columns],
    )


def status_label(status: Status) -> str:
    """Return the name of a status for people."""
    return _NAMES.get(status, status.name)


def _cell(
    counts: Sequence[Sequence[int]], ingress: Status, egress: Status, single: Outcome
) -> Cell:
    """Return the cell of two statuses; `single` is the result of a row without a partner."""
    missing = [status is Status.NO_ROW for status in (ingress, egress)]
    if all(missing):
        return Cell("", None, "")
    outcome = single if any(missing) else _OUTCOMES[egress]
    return Cell(
        outcome.key, counts[ingress][egress], f"ingress={ingress.name}&egress={egress.name}"
    )
