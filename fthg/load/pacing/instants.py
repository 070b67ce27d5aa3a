"""Moments in files: ISO 8601 or Unix seconds → nanoseconds (pure, but for the host's zone)."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Optional

from ... import units
from ...clock import SECOND

_ISO = re.compile(
    r"((?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}(?=[Tt]))(?:[Tt ][0-9]{2}(?::?[0-9]{2})?)?)"
    r"(?::?([0-5][0-9])(?:[.,]([0-9]{1,9}))?)?\s*([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_UNIX = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?")
_HINT = "write it as 2026-01-31T14:00:00Z or in Unix seconds, with up to 9 decimals"


def instant(text: str) -> int:
    """Return the nanoseconds since 1970 of a moment; without a zone it is in that of the host.

    ValueError says what would be right.
    """
    if found := _ISO.fullmatch(text):
        minute, second, decimals, zone = found.groups()
        return _minute(minute, zone) + _nanoseconds(second or "0", decimals)
    if found := _UNIX.fullmatch(text):
        return _nanoseconds(*found.groups())
    raise ValueError(f"{text[:60]!r} is not a moment; {_HINT}")


@lru_cache(maxsize=4096)
def _minute(text: str, zone: Optional[str]) -> int:
    utc = units.moment(text + (zone or ""), datetime.now().astimezone())
    return round(utc.timestamp()) * SECOND  # whole minutes: a float holds them exactly


def _nanoseconds(second: str, decimals: Optional[str]) -> int:
    return int(second) * SECOND + (int(decimals.ljust(9, "0")) if decimals else 0)
