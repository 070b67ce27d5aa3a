"""The columns of a side's table: the standard names, names that differ, and how SQL reads them.

The UUID may be text or bytes, see `uuids`; times may be of any type that UNIX_TIMESTAMP takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import voluptuous as vol

from ..config import values
from .tracked import SECOND

COLUMNS = ("UUID", "filename", "startTime", "endTime", "status")
"""The columns of the standard schema."""

_DAY = 86_400
_LAST = 2**31 - 1 - _DAY


def columns_option(value: Any) -> tuple[str, ...]:
    """Return the names of a table's columns, in the order of COLUMNS, from those that differ."""
    names = values.mapping_of(values.filled)(value)
    known = {_folded(column): column for column in COLUMNS}
    given: dict[str, str] = {}
    for name, column in names.items():
        if _folded(name) not in known:
            wanted = ", ".join(known.values())
            raise vol.Invalid(f"there is no column {str(name)!r}; rename {wanted}", path=[name])
        given[known[_folded(name)]] = column
    return tuple(given.get(column, column) for column in COLUMNS)


def select_list(columns: Sequence[str]) -> str:
    """Return the SQL that reads all columns of a row, with times in microseconds since 1970."""
    uuid, filename, start, end, status = map(quote, columns)
    return f"{uuid}, {filename}, {_microseconds(start)}, {_microseconds(end)}, {status}"


def time_literal(microseconds: int) -> str:
    """Return SQL for a time since 1970, to compare a column with."""
    # Outside this range FROM_UNIXTIME is NULL, and a comparison with that finds nothing.
    seconds, rest = divmod(min(max(microseconds, _DAY * SECOND), _LAST * SECOND), SECOND)
    return f"FROM_UNIXTIME({seconds}.{rest:06d})"


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def _microseconds(column: str) -> str:
    # The server calculates exactly, in decimals; a TIMESTAMP does not depend on the zone.
    return f"CAST(UNIX_TIMESTAMP({column}) * {SECOND} AS SIGNED)"


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
