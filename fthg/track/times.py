"""Columns that hold times, by the type that the server declares: how SQL reads and compares them.

The server delivers whole microseconds since 1970: of UTC, or of the wall clock of a DATETIME.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..zones import offset_or_zone
from .columns import UNITS, Column, quote
from .tracked import SECOND
from .wall_clock import FIRST, LAST, WallClock

_EPOCH = datetime(1970, 1, 1)
_INTEGERS = ("tinyint", "smallint", "mediumint", "int", "bigint")
_TIMESTAMPS = (SECOND, (2**31 - 1) * SECOND)  # those that each server can compare


@dataclass(frozen=True)
class TimeColumn:
    """A column that holds times, as SQL."""

    name: str  # quoted
    micros: str  # an expression: whole microseconds, or NULL
    unset: str  # a condition: there is no time
    clock: WallClock
    literal: Callable[[int], str]  # to compare the column with
    bounds: tuple[int, int] = (FIRST, LAST)  # of what it can be compared with
    margin: int = 0  # microseconds that rounding may move a value

    def cover(self, start: int, end: int) -> tuple[int, int]:
        """Return a span, as the column has it, with all times that are in [start, end) UTC."""
        low, high = self.clock.cover(start, end)
        return low - self.margin, high + self.margin

    def within(self, low: int, high: int) -> str:
        """Return the condition that a value lies in [low, high), on the bare column: its index."""
        first, last = self.bounds
        least = f"{self.name} >= {self.literal(min(max(low, first), last))}"
        return f"{least} AND {self.name} < {self.literal(high)}" if high <= last else least


def time_column(column: Column, declared: str, standard: str, zone: str) -> TimeColumn:
    """Return how to read a column of a declared type, such as `bigint(20) unsigned`.

    ValueError says why it cannot be the standard column `startTime` or `endTime`.
    """
    kind = re.split(r"\W", declared.lower(), maxsplit=1)[0]
    name = quote(column.name)
    is_number = kind in (*_INTEGERS, "decimal", "double")
    if kind not in ("datetime", "timestamp") and not is_number:
        raise ValueError(
            f"{standard} must be DATETIME, TIMESTAMP, or an integer, DECIMAL or DOUBLE with a unit;"
            " map another column with columns:"
        )
    if is_number and not column.unit:
        wanted = f"{{{standard}: {{name: {column.name}, unit: s}}}}"
        raise ValueError(f"a number needs a unit; write columns: {wanted}, or ms or us")
    if column.unit and not is_number:
        raise ValueError(f"only a number has a unit; remove unit: {column.unit} from columns:")
    if is_number:
        return _number(name, kind, UNITS[column.unit or "s"])
    if kind == "timestamp":
        return _dated(name, WallClock(timezone.utc), _TIMESTAMPS)
    return _dated(name, WallClock(offset_or_zone(zone)), (FIRST, LAST))


def _dated(name: str, clock: WallClock, bounds: tuple[int, int]) -> TimeColumn:
    # In the UTC session exact from year 1 to 9999; UNIX_TIMESTAMP ends in 2038.
    micros = f"TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {name})"
    unset = f"({name} IS NULL OR {name} < {_literal(bounds[0])})"  # 0000-00-00
    return TimeColumn(name, micros, unset, clock, _literal, bounds)


def _literal(micros: int) -> str:
    moment = _EPOCH + timedelta(microseconds=micros)
    return f"TIMESTAMP '{moment.isoformat(' ', 'microseconds')}'"


def _number(name: str, kind: str, factor: int) -> TimeColumn:
    if kind == "double":  # through DECIMAL it would take ten times as long
        value = f"ROUND(GREATEST(LEAST({name}, 1e18), -1e18) * {factor})"
    else:  # no number overflows a DECIMAL
        value = f"CAST({name} AS DECIMAL(40, 9)) * {factor}"
    whole = kind in _INTEGERS

    def literal(micros: int) -> str:
        return str(-(-micros // factor)) if whole else _decimal(micros, factor)

    return TimeColumn(
        name,
        f"NULLIF(CAST({value} AS SIGNED), 0)",
        f"({name} IS NULL OR {name} = 0)",
        WallClock(timezone.utc),
        literal,
        margin=0 if whole else 1,
    )


def _decimal(micros: int, factor: int) -> str:
    sign = "-" if micros < 0 else ""
    units, rest = divmod(abs(micros), factor)
    return f"{sign}{units}.{rest:0{len(str(factor)) - 1}d}" if factor > 1 else str(micros)
