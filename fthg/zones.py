"""Time zones by name, for what people see and for columns without a zone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo


def named_zone(name: str) -> tzinfo:
    """Return the zone with an IANA name, or UTC; ValueError says what would be right."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, an absolute path, an unknown name
        raise ValueError(f"unknown time zone {name!r}; write it as Europe/Berlin") from None


_WEEK = 7 * 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def transitions(zone: tzinfo, start: int, end: int) -> list[tuple[int, int]]:
    """Return the zone's offset at `start` and each change of it until `end`, in order of time.

    Times are microseconds since 1970, offsets seconds east of UTC.
    """
    found = [(start, _offset(zone, start))]
    while start < end:
        # No zone changes twice within a week.
        low, start = start, min(start + _WEEK, end)
        if _offset(zone, start) != found[-1][1]:
            found.append(_first_change(zone, low, start))
    return found


def _first_change(zone: tzinfo, low: int, high: int) -> tuple[int, int]:
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high, _offset(zone, high)


def _offset(zone: tzinfo, micros: int) -> int:
    try:
        offset = (_EPOCH + timedelta(microseconds=micros)).astimezone(zone).utcoffset()
    except (OverflowError, ValueError):  # outside the years 1 to 9999
        return 0
    return offset // timedelta(seconds=1) if offset else 0
