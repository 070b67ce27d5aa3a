"""Time zones by name, for what people see and for columns without a zone."""

from __future__ import annotations

from datetime import timezone, tzinfo
from zoneinfo import ZoneInfo


def named_zone(name: str) -> tzinfo:
    """Return the zone with an IANA name, or UTC; ValueError says what would be right."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, an absolute path, an unknown name
        raise ValueError(f"unknown time zone {name!r}; write it as Europe/Berlin") from None
