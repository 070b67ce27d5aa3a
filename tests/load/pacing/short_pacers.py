"""Pacers that define no more than they must."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Optional

from fthg.clock import SECOND
from fthg.load.pacing import Pacer


class Twice(Pacer):
    """Two arrivals, a second apart."""

    text = "twice"
    end = 2 * SECOND

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:
        return cls() if value == "twice" else None

    def due(self, arrival: int) -> Optional[int]:
        return arrival * SECOND if arrival < 2 else None

    def rate_at(self, time: int) -> Fraction:
        return Fraction(1 if time < 2 * SECOND else 0)


class Bursts(Pacer):
    """Five arrivals at once, each second."""

    text = "bursts"

    @classmethod
    def read(cls, value: Any) -> Optional[Pacer]:
        return cls() if value == "bursts" else None

    def due(self, arrival: int) -> int:
        return arrival // 5 * SECOND

    def rate_at(self, time: int) -> Fraction:  # noqa: ARG002
        return Fraction(5)
