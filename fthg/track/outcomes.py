"""The outcomes of tracked transfers and the statuses of rows: their codes, names and order."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """The result of one transfer; the value is its code in the ledger and in the page's rows.

    Codes count from 0 in the order in which the page lists results, so that one index of the
    ledger yields that order without sorting.
    """

    UNPAIRED = 0
    FAILED = 1
    TIMEOUT = 2
    IN_PROGRESS = 3
    PENDING = 4
    PASSED = 5

    @property
    def key(self) -> str:
        """Return the name in CSV, JSON and CSS, such as `in_progress`."""
        return self.name.lower()


class Status(IntEnum):
    """The status of a row; the value is its code in the ledger and its place in the matrix."""

    SUCCESS = 0
    FAILED = 1
    TIMEOUT = 2
    UNKNOWN = 3  # any other text
    NONE = 4  # NULL
    NO_ROW = 5


KNOWN_STATUSES = (Status.SUCCESS, Status.FAILED, Status.TIMEOUT)
"""The statuses that the database's enum has, each under its name here."""

RESULTS = tuple(outcome.key for outcome in Outcome)
"""The names of all outcomes, in the order in which the page lists them; the index is the code."""

DUE = (Outcome.PASSED, Outcome.FAILED, Outcome.TIMEOUT, Outcome.UNPAIRED)
"""The outcomes that count for a promised time; only passed transfers can be within it."""


def sql_list(*codes: IntEnum) -> str:
    """Return the right side of an SQL `IN`, such as `(0, 3, 4)`."""
    return f"({', '.join(str(code.value) for code in codes)})"
