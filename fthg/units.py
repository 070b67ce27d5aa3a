"""Text ↔ numbers: durations, sizes, rates and points in time; every failure is a ValueError that
says what would be right."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Optional

_SECONDS = {
    "us": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86_400),
    "w": Fraction(604_800),
}
_SPELLINGS = {
    "us": "us µs",
    "ms": "ms msec millisecond milliseconds",
    "s": "s sec secs second seconds",
    "m": "m min mins minute minutes",
    "h": "h hr hrs hour hours",
    "d": "d day days",
    "w": "w week weeks",
}
_UNIT = {word: unit for unit, words in _SPELLINGS.items() for word in words.split()}
_BYTES = {"": 1, "b": 1} | {
    prefix + end: base**power
    for power, prefix in enumerate("kmgt", start=1)
    for end, base in (("", 1024), ("ib", 1024), ("b", 1000))
}
_NUMBER = r"\d+(?:\.\d+)?"
_DURATION_PART = re.compile(rf"({_NUMBER})\s*([a-zµ]+)\s*")
_SIZE = re.compile(rf"({_NUMBER})\s*([a-z]*)")
_RATE = re.compile(rf"({_NUMBER})\s*(?:files?\s*)?(?:/|\bper\b|\bevery\b)\s*(.+)")
_RATE_HINT = "write it as 5/s, 120/hour, 10/30s or 1 every 30s"

MAX_RATE = None
"""The rate `max`: as fast as responses come."""


def exact_duration(text: str) -> Fraction:
    """Seconds of `250ms`, `30s`, `1h30m`."""
    rest = text.strip().lower()
    if rest == "0":
        return Fraction(0)
    total, end = Fraction(0), 0
    for part in _DURATION_PART.finditer(rest):
        if part.start() != end or part.group(2) not in _UNIT:
            break
        total += Fraction(part.group(1)) * _SECONDS[_UNIT[part.group(2)]]
        end = part.end()
    if not rest or end != len(rest):
        raise ValueError(f"{text!r} is not a duration; write it as 250ms, 30s, 5m, 2h, 1d or 1h30m")
    return total


def duration(text: str) -> float:
    """Seconds of `250ms`, `30s`, `1h30m`."""
    return float(exact_duration(text))


def size(text: str) -> int:
    """Bytes of `512`, `64KiB`, `10MB`."""
    match = _SIZE.fullmatch(text.strip().lower())
    if not match or match.group(2) not in _BYTES:
        raise ValueError(f"{text!r} is not a size; write it as 512, 64KiB or 10MB")
    return int(Fraction(match.group(1)) * _BYTES[match.group(2)])


def rate(text: str) -> Optional[Fraction]:
    """Exact files a second of `5/s`, `120/hour`, `1 every 30s`; None (`MAX_RATE`) of `max`."""
    words = " ".join(text.lower().split())
    if words == "max":
        return MAX_RATE
    if words.startswith("every "):
        words = "1 " + words
    match = _RATE.fullmatch(words)
    if not match:
        raise ValueError(f"{text!r} is not a rate; {_RATE_HINT}")
    count, period = Fraction(match.group(1)), _period(match.group(2), text)
    if count <= 0 or period <= 0:
        raise ValueError(f"{text!r} would never send anything; {_RATE_HINT}")
    return count / period


def _period(words: str, text: str) -> Fraction:
    if words in _UNIT:
        return _SECONDS[_UNIT[words]]
    try:
        return exact_duration(words)
    except ValueError:
        raise ValueError(f"{text!r} is not a rate; {_RATE_HINT}") from None


def moment(text: str, now: datetime) -> datetime:
    """The aware UTC time of ISO 8601 text, `now`, `today`, `yesterday`, `now-2h` or `-2h`.

    `now` is aware; its zone is the one that text without a zone means, and that days begin in.
    """
    words = text.strip()
    midnight = datetime(now.year, now.month, now.day)
    if words in ("today", "yesterday"):
        return _utc(midnight - timedelta(days=words == "yesterday"), now)
    if match := re.fullmatch(r"(?:now)?\s*([+-])\s*(.+)", words):
        offset = timedelta(seconds=duration(match.group(2)))
        return _utc(now - offset if match.group(1) == "-" else now + offset, now)
    if words == "now":
        return _utc(now, now)
    try:
        iso = re.sub(r"[zZ]$", "+00:00", words).replace(",", ".")
        return _utc(datetime.fromisoformat(iso), now)
    except ValueError:
        raise ValueError(
            f"{text!r} is not a point in time; write it as 2026-01-31T14:00, "
            "2026-01-31T14:00:00Z, now, today, yesterday, now-2h or -2h"
        ) from None


def _utc(when: datetime, now: datetime) -> datetime:
    if when.tzinfo is None:
        # A fixed offset would be wrong across a change to summer time: let the local zone decide.
        local = isinstance(now.tzinfo, timezone) and now.utcoffset() == _local_offset(now)
        when = when.astimezone() if local else when.replace(tzinfo=now.tzinfo)
    return when.astimezone(timezone.utc)


def _local_offset(now: datetime) -> Optional[timedelta]:
    return now.replace(tzinfo=None).astimezone().utcoffset()


def show_duration(seconds: float) -> str:
    """`850µs`, `12.3ms`, `4.56s`, `1m 30s`, `2h 05m`, `3d 04h`: short enough for a column."""
    if seconds < 0:
        return "-" + show_duration(-seconds)
    for limit, factor, unit in ((0.001, 1e6, "µs"), (1, 1e3, "ms"), (60, 1, "s")):
        if seconds < limit:
            return f"{_three_digits(seconds * factor)}{unit}"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minutes:02d}m"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02d}h"


def show_size(count: float) -> str:
    """`512 B`, `64.0 KiB`, `1.5 GiB`."""
    if count < 1024:
        return f"{count:.0f} B"
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 1024 or unit == "TiB":
            break
    return f"{count:.1f} {unit}"


def show_rate(per_second: float) -> str:
    """`5/s`, `120/h`, `3/d`: in the shortest period that makes it 1 or more."""
    for unit, seconds in (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400)):
        if per_second * seconds >= 1 or unit == "d":
            break
    return f"{_three_digits(per_second * seconds)}/{unit}"


def show_share(part: int, whole: int) -> str:
    """`99.99%` of 9999 in 10000: truncated, so that 100 % means all and 0 % means none."""
    if not whole:
        return "–"
    hundredths = 10_000 * part // whole
    if part and not hundredths:
        return "<0.01%"
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _three_digits(number: float) -> str:
    digits = 2 if number < 10 else 1 if number < 100 else 0
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
