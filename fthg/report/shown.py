"""The formats of numbers, times and foreign text on the page; page.js has the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Optional

from ..text import UNSAFE, in_zone
from ..units import show_duration, show_size

SECOND = 1_000_000
NONE = "–"

# Characters that are invisible or change the direction of text; shown by their number instead.
_UNSEEN = re.compile(f"[{UNSAFE}\ufffe\uffff]")


def text(value: Optional[str]) -> str:
    """Make invisible characters of foreign text visible, such as ␀ or ⟨U+202E⟩."""
    if value is None:
        return NONE
    return _UNSEEN.sub(lambda match: _picture(ord(match.group())), value) or "⟨empty⟩"


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def number(value: int) -> str:
    """Format a number as `1,234,567`."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """Format a count with its noun, as `1 transfer` or `2,000 transfers`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(micros: Optional[int]) -> str:
    """Format a duration as `12.3ms`, `4.56s` or `1m 30s`."""
    return NONE if micros is None else show_duration(micros / SECOND)


def when(micros: int) -> datetime:
    """Convert microseconds since 1970 to UTC, to the nearest time that datetime can hold."""
    return in_zone(micros * 1000, timezone.utc)


def day(micros: Optional[int]) -> str:
    """Format the day as `2026-11-24`."""
    return NONE if micros is None else when(micros).strftime("%Y-%m-%d")


def clock(micros: Optional[int]) -> str:
    """Format the time as `14:03:22`, with milliseconds unless it is a whole second."""
    if micros is None:
        return NONE
    moment = when(micros)
    return moment.strftime("%H:%M:%S") + (
        f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    )


def moment(micros: Optional[int]) -> str:
    """Format day and time as `2026-11-24 14:03:22`, with milliseconds as in `clock`."""
    return NONE if micros is None else f"{day(micros)} {clock(micros)}"


def period_end(start: int, end: int) -> str:
    """Format the end of a period, without the day if that is the day of the start."""
    return clock(end) if day(start) == day(end) else moment(end)


def size(count: Optional[int]) -> str:
    """Format a number of bytes as `512 B` or `1.5 MiB`."""
    return NONE if count is None else show_size(count)


def rate(bytes_per_second: Optional[int]) -> str:
    """Format bytes per second as `1.5 MiB/s`."""
    return NONE if bytes_per_second is None else f"{show_size(bytes_per_second)}/s"


def split_units(value: str) -> Sequence[tuple[str, str]]:
    """Split a text into numbers, each with its unit: `1m 30s` is 1 m, 30 s."""
    found = re.findall(r"([^a-zµ%\s]+)([a-zµ%]*)", value)
    return found or [(value, "")]
