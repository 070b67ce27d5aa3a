"""Time zones by name, for what people see and for columns without a zone."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

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
