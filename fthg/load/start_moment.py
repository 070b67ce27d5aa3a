"""The text of `--start-at`: ISO 8601, Unix seconds, or a time from now on (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from .. import units
from ..clock import SECOND
from .pacing.instants import instant

_HINT = "write it as 2026-01-31T14:00:00Z, in Unix seconds, or as now+30s"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


def start_moment(text: str, now: datetime) -> int:
    """Return the nanoseconds since 1970 of a start moment; `now` is aware.

    Without a zone it is in that of the host. ValueError says what would be right.
    """
    words = text.strip()
    try:
        return instant(words)
    except ValueError:
        pass
    try:
        return (units.moment(words, now) - _EPOCH) // _MICROSECOND * (SECOND // 1_000_000)
    except ValueError:
        raise ValueError(f"{text!r} is not a point in time; {_HINT}") from None
