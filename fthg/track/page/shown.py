"""How the page writes numbers, times and foreign text; page.js writes them the same way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Optional

from ...text import in_zone
from ...units import show_duration, show_size

SECOND = 1_000_000
NONE = "–"

# What no eye can see, or what turns the text around it: it is shown by its number instead.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)


def text(value: Optional[str]) -> str:
    """Foreign text with its unseen characters made visible, such as ␀ or ⟨U+202E⟩."""
    if value is None:
        return NONE
    return _UNSEEN.sub(lambda match: _picture(ord(match.group())), value) or "⟨empty⟩"


def _picture(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"


def number(value: int) -> str:
    """`1,234,567`."""
    return f"{value:,}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 transfer`, `2,000 transfers`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(micros: Optional[int]) -> str:
    """`12.3ms`, `4.56s`, `1m 30s`."""
    return NONE if micros is None else show_duration(micros / SECOND)


def when(micros: int) -> datetime:
    """The UTC time of microseconds since 1970, moved to the nearest year that can be written."""
    return in_zone(micros * 1000, timezone.utc)


def day(micros: Optional[int]) -> str:
    """`2026-11-24`."""
    return NONE if micros is None else when(micros).strftime("%Y-%m-%d")


def clock(micros: Optional[int]) -> str:
    """`14:03:22`, or with milliseconds where it is not a whole second."""
    if micros is None:
        return NONE
    moment = when(micros)
    return moment.strftime("%H:%M:%S") + (
        f".{moment.microsecond // 1000:03d}" if moment.microsecond else ""
    )


def moment(micros: Optional[int]) -> str:
    """`2026-11-24 14:03:22`, with milliseconds where it is not a whole second."""
    return NONE if micros is None else f"{day(micros)} {clock(micros)}"


def period_end(start: int, end: int) -> str:
    """The end of a period, without its day where that is the day of the start."""
    return clock(end) if day(start) == day(end) else moment(end)


def size(count: Optional[int]) -> str:
    """`512 B`, `1.5 MiB`."""
    return NONE if count is None else show_size(count)


def rate(bytes_a_second: Optional[int]) -> str:
    """`1.5 MiB/s`."""
    return NONE if bytes_a_second is None else f"{show_size(bytes_a_second)}/s"


def split_units(value: str) -> Sequence[tuple[str, str]]:
    """The numbers of a text, each with the unit that follows it: `1m 30s` is 1 m, 30 s."""
    found = re.findall(r"([^a-zµ%\s]+)([a-zµ%]*)", value)
    return found or [(value, "")]
