"""Time zones by name, for what people see and for columns without a zone."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Optional
from zoneinfo import ZoneInfo

LOCAL = "local"
"""The name of the host's zone."""

_LOCALTIME = "/etc/localtime"


def named_zone(name: str) -> tzinfo:
    """Return the zone with an IANA name, or UTC; ValueError says what would be right."""
    if name.upper() in ("UTC", "Z", "GMT"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a directory, an absolute path, an unknown name
        raise ValueError(f"unknown time zone {name!r}; write it as Europe/Berlin") from None


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
    """Return the IANA name of the host's zone, or what stands in its place."""
    place = os.environ.get("TZ")
    if place is None:
        place = os.path.realpath(localtime) if os.path.exists(localtime) else ""
    name = place.lstrip(":").rpartition("/zoneinfo/")[2]
    return "UTC" if name in ("", "Etc/UTC") else name


class _HostZone(tzinfo):
    """The zone of the C library, for which there is no name."""

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
