"""Text ↔ numbers: durations, sizes, rates and points in time.

Text that cannot be read is a ValueError whose message shows how to write it. Numbers are truncated
where they are shown, so that a value below a limit never looks as if it had reached it.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone
from decimal import ROUND_DOWN, Decimal
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
_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"  # longer ones are typing errors, and no float holds them
_DURATION_PART = re.compile(rf"({_NUMBER})\s*([a-zµ]+)\s*")
_SIZE = re.compile(rf"({_NUMBER})\s*([a-z]*)")
_RATE = re.compile(rf"({_NUMBER})\s*(?:files?\s*)?(?:/|\bper\b|\bevery\b)\s*(.+)")
_ISO = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})"
    r"(?:[t ]\s*([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]{1,9}))?)?)?"
    r"\s*(z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_RATE_HINT = "write it as 5/s, 120/hour, 10/30s or 1 every 30s"

_UNITS_BY_THOUSANDS = {-3: "ns", -2: "µs", -1: "ms", 0: "s"}

MAX_RATE = None
"""The value of the rate `max`: as fast as responses arrive."""


def exact_duration(text: str) -> Fraction:
    """Return the exact seconds of `250ms`, `30s`, `1h30m`."""
    rest = text.strip().lower().replace("μ", "µ")  # the Greek letter, the micro sign
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
    """Return the seconds of `250ms`, `30s`, `1h30m`."""
    return float(exact_duration(text))


def size(text: str) -> int:
    """Return the bytes of `512`, `64KiB`, `10MB`."""
    match = _SIZE.fullmatch(text.strip().lower())
    if not match or match.group(2) not in _BYTES:
        raise ValueError(f"{text!r} is not a size; write it as 512, 64KiB or 10MB")
    return int(Fraction(match.group(1)) * _BYTES[match.group(2)])


def byte_rate(text: str) -> int:
    """Return the bytes a second of `250KB/s`, `1MiB/s`."""
    amount, slash, second = text.rpartition("/")
    try:
        if slash and second.strip().lower() == "s" and (count := size(amount)) > 0:
            return count
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a rate of bytes; write it as 250KB/s or 1MiB/s")


def rate(text: str, *, pauses: bool = False) -> Optional[Fraction]:
    """Return the exact files per second of `5/s`, `120/hour`, `1 every 30s`; MAX_RATE of `max`.

    With `pauses` the rate may be 0, as in `0/s`.
    """
    words = " ".join(text.lower().split())
    if words == "max":
        return MAX_RATE
    if words.startswith("every "):
        words = "1 " + words
    match = _RATE.fullmatch(words)
    if not match:
        raise ValueError(f"{text!r} is not a rate; {_RATE_HINT}")
    count, period = Fraction(match.group(1)), _period(match.group(2), text)
    if period <= 0 or not (count or pauses):
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
    """Return the UTC time of ISO 8601 text, `now`, `today`, `yesterday`, `now-2h` or `-2h`.

    `now` is aware; its zone applies to text without a zone, and to the beginning of days.
    """
    words = text.strip().lower()
    try:
        return _moment(words, now)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a point in time; write it as 2026-01-31T14:00, "
            "2026-01-31T14:00:00Z, now, today, yesterday, now-2h or -2h"
        ) from None


def _moment(words: str, now: datetime) -> datetime:
    if words == "now":
        return _utc(now, now)
    if words in ("today", "yesterday"):
        midnight = datetime(now.year, now.month, now.day)
        return _utc(midnight - timedelta(days=words == "yesterday"), now)
    if match := re.fullmatch(r"(?:now)?\s*([+-])\s*(.+)", words):
        sign = -1 if match.group(1) == "-" else 1
        # In UTC, so that a change of the clocks makes no difference.
        return _utc(now, now) + sign * timedelta(seconds=duration(match.group(2)))
    return _utc(_iso(words), now)


def _iso(words: str) -> datetime:
    # datetime.fromisoformat of Python 3.9 reads less than that of 3.11: no Z, no .5, no +0200.
    match = _ISO.fullmatch(words)
    if not match:
        raise ValueError(words)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micros = int((match.group(7) or "0").ljust(6, "0")[:6])
    zone = _zone(match.group(8)) if match.group(8) else None
    return datetime(year, month, day, hour, minute, second, micros, zone)


def _zone(offset: str) -> timezone:
    if offset == "z":
        return timezone.utc
    digits = offset[1:].replace(":", "").ljust(4, "0")
    east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-east if offset[0] == "-" else east)


def _utc(when: datetime, now: datetime) -> datetime:
    if when.tzinfo is None:
        # A fixed offset would be wrong across a change to summer time: let the local zone decide.
        fixed = isinstance(now.tzinfo, timezone) and now.tzinfo is not timezone.utc
        local = fixed and now.utcoffset() == _local_offset(now)
        when = when.astimezone() if local else when.replace(tzinfo=now.tzinfo)
    return when.astimezone(timezone.utc)


def _local_offset(now: datetime) -> Optional[timedelta]:
    return now.replace(tzinfo=None).astimezone().utcoffset()


class Seconds(float):
    """A duration whose text is for people, as `12.3ms`; JSON writes it as a number."""

    __slots__ = ()

    def __str__(self) -> str:
        return show_duration(self)


def show_duration(seconds: float) -> str:
    """Format seconds as `850µs`, `12.3ms`, `4.56s`, `1m 30s`, `2h 05m`, `3d 04h`, truncated."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 0:
        return "-" + show_duration(-seconds)
    # Without the noise of binary fractions, as in `_clean`, but without its cost: log lines have
    # some of them for every transfer.
    shown = f"{abs(seconds):.11e}"
    if (clean := float(shown)) >= 60:
        return _long_duration(int(clean))
    power = int(shown[14:])
    if power < -9:
        return f"{_three_digits(Decimal(shown) * 10**9)}ns"
    unit, whole = _UNITS_BY_THOUSANDS[power // 3], power % 3 + 1
    digits = shown[0] + shown[2:4]
    return f"{digits[:whole]}.{digits[whole:]}".rstrip("0").rstrip(".") + unit


def _long_duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h {minutes:02d}m"
    days, hours = divmod(hours, 24)
    return f"{days}d {hours:02d}h"


def show_size(count: float) -> str:
    """Format bytes as `512 B`, `64.0 KiB`, `1.5 GiB`, truncated."""
    if not math.isfinite(count):
        return "–"
    if count < 0:
        return "-" + show_size(-count)
    if count < 1024:
        return f"{int(count)} B"
    power = min((int(count).bit_length() - 1) // 10, 6)
    tenths = int(count) * 10 // 1024**power
    return f"{tenths // 10}.{tenths % 10} {'KMGTPE'[power - 1]}iB"


def show_rate(per_second: float) -> str:
    """Format a rate as `5/s`, `2/min`, `7/h`, `3/d`, truncated.

    The period is the shortest one with a count of 1 or more.
    """
    if not math.isfinite(per_second):
        return "–"
    if per_second < 0:
        return "-" + show_rate(-per_second)
    if not per_second:
        return "0/s"
    for unit, seconds in (("s", 1), ("min", 60), ("h", 3600), ("d", 86_400)):
        count = _clean(per_second * seconds)
        if count >= 1:
            return f"{_three_digits(count)}/{unit}"
    return f"{_three_digits(count)}/d" if count >= Decimal("0.01") else "<0.01/d"


def show_share(part: int, whole: int) -> str:
    """Format 9999 of 10000 as `99.99%`, truncated: 100 % means all, and 0 % means none."""
    if not whole:
        return "–"
    hundredths = 10_000 * part // whole
    if part and not hundredths:
        return "<0.01%"
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _clean(number: float) -> Decimal:
    # Without the noise of binary fractions: 0.1 + 0.7 is 0.8.
    return Decimal(f"{float(number):.12g}")


def _three_digits(number: Decimal) -> str:
    digits = "0.01" if number < 10 else "0.1" if number < 100 else "1"
    text = f"{number.quantize(Decimal(digits), ROUND_DOWN):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
