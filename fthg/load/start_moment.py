"""The text of `--start-at`: ISO 8601, Unix seconds, or a time from now on."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Optional

from .. import units
from ..clock import SECOND
from .pacing.instants import instant

_HINT = "write it as 2026-01-31T14:00:00Z, in Unix seconds, or as now+30s"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_WITHOUT_ZONE = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}(?=[Tt]))(?:[Tt ][0-9:.,]+)?")
_FINER = re.compile(r"([0-9]{10})((?:[0-9]{3}){1,3})")
"""Unix milliseconds, microseconds or nanoseconds, from 2001 to 2286."""


def start_moment(text: str, now: datetime) -> int:
    """Return the nanoseconds since 1970 of a start moment; `now` is aware.

    Without a zone it is in that of the host. ValueError says what would be right.
    """
    words = text.strip()
    if finer := _FINER.fullmatch(words):
        seconds, rest = finer.groups()
        raise ValueError(f"{text!r} is too much for Unix seconds; write it as {seconds}.{rest}")
    try:
        found = instant(words)
    except ValueError:
        return _from_now_on(text, now)
    if _WITHOUT_ZONE.fullmatch(words) and not _is_shown(found, words):
        raise ValueError(
            f"{text!r} does not exist in the zone of this host, where the clocks are put forward "
            "then; name the zone, as in 2026-01-31T14:00:00Z"
        )
    return found


def _from_now_on(text: str, now: datetime) -> int:
    try:
        return (units.moment(text, now) - _EPOCH) // _MICROSECOND * (SECOND // 1_000_000)
    except ValueError:
        raise ValueError(f"{text!r} is not a point in time; {_HINT}") from None


def _is_shown(moment: int, words: str) -> bool:
    """Return True if the clocks of the host show this text at a moment."""
    shown = datetime.fromtimestamp(moment // SECOND)
    return shown == units.moment(words, _EPOCH).replace(tzinfo=None, microsecond=0)


def why_it_differs(text: str) -> Optional[str]:
    """Return why a start moment may be another one on each machine; None: it is the same."""
    words = text.strip()
    if _WITHOUT_ZONE.fullmatch(words):
        return "without a zone it is in that of each machine; add Z for UTC, or +01:00"
    if not words[:1].isdigit():
        return "a time from now on is another moment on each machine"
    return None
