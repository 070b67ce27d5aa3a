"""Pacers with stages for tests: lists of stages, and stages that come again with the hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Optional

from fthg.clock import SECOND
from fthg.load.pacing import Pacer, Span, Stages
from fthg.load.pacing.pieces import Piece, Pieces

_HOUR = 3600 * SECOND
_DAYS = 3


def stages(text: str) -> Stages:
    """The pacer of stages in one line."""
    found = Stages.read(text)
    assert found is not None
    return found


@dataclass(frozen=True)
class Alternating(Pacer):
    """By turns an hour at 60/h and one at 3600/h, as the hours of the day are even or odd."""

    began: int = 0  # UTC
    text: str = "by the hour"
    stages = ("even: 60/h", "odd: 3600/h")

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:
        return cls() if value == cls.text else None

    def at(self, utc: int) -> Pacer:
        return Alternating(utc)

    def due(self, arrival: int) -> Optional[int]:
        return self._pieces().latest(Fraction(arrival))

    def rate_at(self, time: int) -> Fraction:
        return _rate((self.began + time) // _HOUR)

    def spans(self, until: int) -> Iterator[Span]:
        start, hour = 0, self.began // _HOUR
        while start < until:
            end = (hour + 1) * _HOUR - self.began
            yield Span(hour % 2, start, end)
            start, hour = end, hour + 1

    def _pieces(self) -> Pieces:
        spans = self.spans(_DAYS * 24 * _HOUR)
        return Pieces(
            [Piece(end - start, _rate(stage), _rate(stage)) for stage, start, end in spans]
        )


def _rate(hour: int) -> Fraction:
    return Fraction(1 if hour % 2 else Fraction(1, 60))
