"""Time zones by name, for what people see and for columns without a zone."""

from __future__ import annotations

import os
import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Optional
from zoneinfo import ZoneInfo

LOCAL = "local"
"""The name of the host's zone."""

_LOCALTIME = "/etc/localtime"
_WEEK = 7 * 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_OFFSET = re.compile(r"([+-])([01]?\d|2[0-3]):([0-5]\d)")


def named_zone(name: str) -> tzinfo:
    """Return the zone with an IANA name, or UTC; ValueError says what would be right."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, an absolute path, an unknown name
        raise ValueError(f"unknown time zone {name!r}; write it as Europe/Berlin") from None


def offset_or_zone(text: str) -> tzinfo:
    """Return the zone of an offset such as `+01:00`, or of a name; ValueError as `named_zone`."""
    if not (found := _OFFSET.fullmatch(text)):
        return named_zone(text)
    sign, hours, minutes = found.groups()
    east = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-east if sign == "-" else east)


def zone_to_show(name: str, localtime: str = _LOCALTIME) -> tuple[tzinfo, str]:
    """Return a zone and its name for people; `local` is the host's, or that of TZ if it is set.

    Raises ValueError. `localtime` is the link to the host's zone.
    """
    if name.strip().lower() != LOCAL:
        zone = named_zone(name.strip())
        return zone, "UTC" if zone is timezone.utc else name.strip()
    known = _host_name(localtime)
    try:
        return named_zone(known), known
    except ValueError:
        return _HostZone(), "local time"  # such as TZ=CET-1CEST, or a file that is no link


def _host_name(localtime: str) -> str:
    """Return the IANA name of the host's zone, or another name for it."""
    place = os.environ.get("TZ")
    if place is None:
        place = os.path.realpath(localtime) if os.path.exists(localtime) else ""
    name = place.lstrip(":").rpartition("/zoneinfo/")[2]
    return "UTC" if name in ("", "Etc/UTC") else name


class _HostZone(tzinfo):
    """The zone of the C library, which has no name."""

    def utcoffset(self, when: Optional[datetime]) -> Optional[timedelta]:
        return when.replace(tzinfo=None).astimezone().utcoffset() if when else None

    def tzname(self, when: Optional[datetime]) -> Optional[str]:
        return when.replace(tzinfo=None).astimezone().tzname() if when else None

    def dst(self, when: Optional[datetime]) -> Optional[timedelta]:  # noqa: ARG002 - see tzinfo
        return None

    def fromutc(self, when: datetime) -> datetime:
        there = when.replace(tzinfo=timezone.utc).astimezone()
        here = there.replace(tzinfo=self)
        return here if here.utcoffset() == there.utcoffset() else here.replace(fold=1)


def first_shown(wall: datetime, zone: tzinfo) -> int:
    """Return when the clocks of a zone first show a time without one; microseconds since 1970.

    A time that they skip is over at the end of the gap.
    """
    first, second = (
        (wall.replace(tzinfo=zone, fold=fold) - _EPOCH) // timedelta(microseconds=1)
        for fold in (0, 1)
    )
    return first if first <= second else transitions(zone, second, first)[-1][0]


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
