"""Text for people: escaping for terminals, times in UTC and in a zone, suggestions.

Every time comes in as integer nanoseconds since 1970 and is truncated, never rounded, so that the
same moment looks the same wherever it is shown.
"""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Optional

UNSAFE = (
    "\x00-\x1f\x7f-\x9f\u2028\u2029"  # controls and line ends
    "\u061c\u200e\u200f\u202a-\u202e"  # direction marks
    "\xad\u180e\u200b\u2060-\u206f\ufeff\U000e0000-\U000e007f"  # more of them, and what is not seen
    "\ud800-\udfff"  # surrogates, which stand for undecodable bytes
)
"""Characters, as a class of a regular expression, that could forge a line, drive a terminal or hide
in a name. The joiners U+200C and U+200D are not among them: scripts and emoji need them."""

_CONTROL = re.compile(f"[{UNSAFE}]")
_QUOTED = re.compile(rf'[{UNSAFE}"\\]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_BYTES = range(0xDC80, 0xDD00)  # surrogates that stand for the bytes 80 to ff

_SECOND, _MILLISECOND, _MICROSECOND = 1_000_000_000, 1_000_000, 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def escape(text: str) -> str:
    """Return the text with every character escaped that ends a line or drives a terminal."""
    return _CONTROL.sub(_escaped, text)


def quote(text: str) -> str:
    """Return the text in double quotes, escaped, with quotes and backslashes escaped as well."""
    return f'"{_QUOTED.sub(_escaped, text)}"'


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` characters; the last one of a longer one is `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def escape_surrogates(text: str) -> str:
    r"""Return the text encodable as UTF-8: an undecodable byte of a file name becomes `\xe9`."""
    return text if text.isascii() else _SURROGATE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code in _BYTES:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def iso_seconds(utc: int) -> str:
    """Format a time as `2026-11-24T07:01:02Z`."""
    return f"{_second(utc // _SECOND)}Z"


def iso_millis(utc: int) -> str:
    """Format a time as `2026-11-24T07:01:02.123Z`."""
    seconds, rest = divmod(utc, _SECOND)
    return f"{_second(seconds)}.{rest // _MILLISECOND:03d}Z"


def iso_micros(utc: int) -> str:
    """Format a time as `2026-11-24T07:01:02.123456Z`."""
    seconds, rest = divmod(utc, _SECOND)
    return f"{_second(seconds)}.{rest // _MICROSECOND:06d}Z"


def utc_clock(utc: int) -> str:
    """Format the time of day in UTC as `07:01:02.123Z`."""
    return iso_millis(utc).partition("T")[2]


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def in_zone(utc: int, zone: Optional[tzinfo]) -> datetime:
    """Return a time in a zone, None for the host's, to the microsecond.

    A time outside the years 1 to 9999 becomes the first or the last moment of them.
    """
    try:
        return (_EPOCH + timedelta(microseconds=utc // _MICROSECOND)).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        edge = datetime.max if utc > 0 else datetime.min
        return edge.replace(tzinfo=zone or timezone.utc)


def zoned(utc: int, form: str = "%Y-%m-%d %H:%M:%S %z", zone: Optional[tzinfo] = None) -> str:
    """Format a time in a zone, None for the host's, by a pattern of strftime."""
    return in_zone(utc, zone).strftime(form)


def zoned_clock(utc: int, zone: Optional[tzinfo] = None) -> str:
    """Format the time of day in a zone, None for the host's, as `08:01:02.123`."""
    seconds, rest = divmod(utc, _SECOND)
    return f"{_clock_second(seconds, zone, time.tzname)}.{rest // _MILLISECOND:03d}"


@lru_cache(maxsize=1024)
def _clock_second(seconds: int, zone: Optional[tzinfo], _host: tuple[str, str]) -> str:
    """Format a second; remembered for as long as the host has the same zone."""
    return in_zone(seconds * _SECOND, zone).strftime("%H:%M:%S")


def did_you_mean(word: str, known: Iterable[str], most: int = 100) -> str:
    """Return `; did you mean 'timeout'?` or, if no known word is similar, `; there are …`.

    At most `most` of the known words are listed.
    """
    known = list(known)
    if near := difflib.get_close_matches(word.lower(), known, n=1):
        return f"; did you mean {near[0]!r}?"
    listed = known if len(known) <= most else [*known[:most], "…"]
    return f"; there are {', '.join(listed)}" if known else ""
