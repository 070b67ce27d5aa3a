"""The columns of a side's table as the configuration has them: names that differ, and units."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import voluptuous as vol

from ..config import values

COLUMNS = ("UUID", "filename", "startTime", "endTime", "status")
"""The columns of the standard schema."""

TIMES = ("startTime", "endTime")

UNITS = {"s": 1_000_000, "ms": 1000, "us": 1}
"""The units of times that are numbers, in microseconds."""


class Column(NamedTuple):
    """The name of a column in the table, and the unit of its times if they are numbers."""

    name: str
    unit: Optional[str] = None  # of UNITS


STANDARD_COLUMNS = tuple(Column(name) for name in COLUMNS)

_COLUMN = vol.Schema(
    {vol.Optional("name"): values.filled, vol.Optional("unit"): values.one_of(*UNITS)}
)


def columns_option(value: Any) -> tuple[Column, ...]:
    """Return the columns of a table, in the order of COLUMNS, from those that differ."""
    known = {_folded(column): column for column in COLUMNS}
    given: dict[str, Column] = {}
    for name, column in values.mapping_of(_column)(value).items():
        standard = known.get(_folded(name))
        if standard is None:
            wanted = ", ".join(known.values())
            raise vol.Invalid(f"there is no column {str(name)!r}; rename {wanted}", path=[name])
        if column.unit and standard not in TIMES:
            raise vol.Invalid(f"only {' and '.join(TIMES)} have a unit", path=[name, "unit"])
        given[standard] = Column(column.name or standard, column.unit)
    return tuple(given.get(column, Column(column)) for column in COLUMNS)


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def _column(value: Any) -> Column:
    if not isinstance(value, dict):
        return Column(values.filled(value))
    column = _COLUMN(value)
    return Column(column.get("name", ""), column.get("unit"))


def _folded(name: str) -> str:
    return name.replace("_", "").lower()
