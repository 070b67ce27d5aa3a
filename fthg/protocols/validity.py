"""Checks whether a certificate is valid now, and until a moment (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Optional

from ..clock import SECOND

_SOON = timedelta(days=1)
"""The time ahead for which a run without an end is warned of expiring certificates."""


def lapse(
    named: str, begin: datetime, end: datetime, now: int, until: Optional[int]
) -> Optional[str]:
    """Return what is wrong with a certificate now, or will be `until` then; None if nothing is.

    Moments are nanoseconds since 1970, None is the end of what goes on until it is stopped.
    """
    at, last = _moment(now), _moment(now) + _SOON if until is None else _moment(until)
    if at > end:
        return f"{named} has expired: it was valid until {_shown(end)}"
    if at < begin:
        return f"{named} is not valid yet: only from {_shown(begin)}"
    if last > end:
        when = "within a day" if until is None else "before the job ends"
        return f"{named} expires {when}: it is valid until {_shown(end)}"
    return None


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / SECOND, timezone.utc)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
