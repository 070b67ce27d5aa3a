"""A replay: arrivals at the distances of moments that a file names, at any speed."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Optional

import voluptuous as vol

from ...clock import SECOND
from ...config import values
from .mappings import is_mapping_of
from .moments import read_moments
from .pacer import Pacer

_AROUND = 5
"""Seconds, and arrivals, before and after a time that its rate is a mean over: of both the more."""


@dataclass(frozen=True)
class Replay(Pacer):
    """The first moment is due at once, the others after it, `speed` times as fast.

    The last one stands for as long a time as the others do on average; the job ends with it.
    """

    moments: array[int] = field(repr=False, hash=False)  # in order, in nanoseconds; one or more
    speed: Fraction = Fraction(1)  # above 0
    text: str = ""
    file: Optional[str] = None

    @classmethod
    def read(cls, value: Any) -> Optional[Replay]:
        """Read `{replay: monday.csv, column: ingress_start, speed: 2}`, and the file."""
        if not is_mapping_of("replay", value):
            return None
        read = _SCHEMA(value)
        path, speed = read["replay"], read["speed"]
        moments = read_moments(path, read.get("column"))
        return cls(moments, Fraction(speed), _text(value["replay"], speed, len(moments)), path)

    @property
    def end(self) -> int:  # type: ignore[override]
        """The end of the last arrival's time, a second at most: it may wait for a sender."""
        return self._due(len(self.moments) - 1) + min(self._distance, SECOND)

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due, rounded down; None after the last moment."""
        return self._due(arrival) if arrival < len(self.moments) else None

    def _due(self, arrival: int) -> int:
        after = self.moments[arrival] - self.moments[0]
        return after * self.speed.denominator // self.speed.numerator

    def rate_at(self, time: int) -> Fraction:
        """Return the mean of the arrivals around a time, in files a second."""
        around = self.arrivals(time)
        first = min(self.arrivals(time - _AROUND * SECOND), max(0, around - _AROUND))
        last = max(self.arrivals(time + _AROUND * SECOND), min(len(self.moments), around + _AROUND))
        return (last - first) / (self.seconds(last) - self.seconds(first))

    def arrivals(self, until: int) -> int:
        """Return how many arrivals are due before `until`."""
        after = -(-until * self.speed.numerator // self.speed.denominator)
        return bisect_left(self.moments, self.moments[0] + after)

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for: until the next one is due."""
        if arrivals < len(self.moments):
            return Fraction(self._due(arrivals), SECOND)
        return Fraction(self._due(len(self.moments) - 1) + self._distance, SECOND)

    @property
    def _distance(self) -> int:
        """The mean distance of two arrivals, rounded up; a second where all are due at once."""
        last = len(self.moments) - 1
        return -(-self._due(last) // last) if last and self._due(last) else SECOND


def _column(value: Any) -> str:
    return values.filled(value).strip()


def _speed(value: Any) -> str:
    text = values.text(value).strip()
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", text) or not Fraction(text):
        raise vol.Invalid(f"{text!r} is not a speed; write it as 2, 10 or 0.5")
    return text


def _text(path: str, speed: str, files: int) -> str:
    pace = "" if Fraction(speed) == 1 else f" {speed} times as fast,"
    return f"replay of {path},{pace} {files:,} file{'' if files == 1 else 's'}"


_SCHEMA = vol.Schema(
    {
        vol.Required("replay"): values.input_path,
        vol.Optional("column"): _column,
        vol.Optional("speed", default="1"): _speed,
    }
)
