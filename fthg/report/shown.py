"""The formats of numbers, durations and foreign text on the page; page.js has the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Optional

from ..text import UNSAFE
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


def exact_duration(micros: int) -> str:
    """Format a duration without loss, each unit that it has: `0`, `2.5ms`, `1m 30s`, `1d 12h`."""
    if micros < 0:
        return "-" + exact_duration(-micros)
    for unit, name in ((1, "µs"), (1000, "ms"), (SECOND, "s")):
        if micros < min(unit * 1000, 60 * SECOND):
            return f"{_decimal(micros, unit)}{name}" if micros else "0"
    minutes, rest = divmod(micros, 60 * SECOND)
    parts = [
        f"{minutes // 1440}d",
        f"{minutes // 60 % 24}h",
        f"{minutes % 60}m",
        f"{_decimal(rest, SECOND)}s",
    ]
    return " ".join(part for part in parts if not part.startswith("0") or "." in part)


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    return f"{whole}.{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else f"{whole}"


def compact(value: int) -> str:
    """Format a number of few digits as short as it can be: `800`, `1.5k`, `20M`."""
    for unit, name in ((1_000_000, "M"), (1000, "k")):
        if value >= unit:
            return f"{value // unit:,}{_decimal(value % unit, unit)[1:]}{name}"
    return str(value)


def size(count: Optional[int]) -> str:
    """Format a number of bytes as `512 B` or `1.5 MiB`."""
    return NONE if count is None else show_size(count)


def rate(bytes_per_second: Optional[int]) -> str:
    """Format bytes per second as `1.5 MiB/s`."""
    return NONE if bytes_per_second is None else f"{show_size(bytes_per_second)}/s"


def split_units(value: str) -> Sequence[tuple[str, str]]:
    """Split a text into numbers, each with its unit: `1m 30s` is 1 m, 30 s."""
    found = re.findall(r"([^a-zA-Zµ%\s]+) ?([a-zA-Zµ%]*)", value)
    return found or [(value, "")]
