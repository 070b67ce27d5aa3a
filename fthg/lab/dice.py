"""Reproducible chance: the same seed gives the same sequence of faults and delays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Optional

from .. import units

Spread = tuple[float, float]
"""The shortest and longest time, in seconds; equal for a fixed time."""


class Dice:
    """A seeded random generator, one for the whole lab."""

    def __init__(self, seed: Optional[int] = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - for practice, not for secrets

    def happens(self, share: float) -> bool:
        """Return True in `share` (0 to 1) of all calls."""
        return self._random.random() < share

    def which(self, shares: Mapping[str, float]) -> Optional[str]:
        """Return one of the names, each in its share of all calls, None in the other calls."""
        throw = self._random.random()
        for name, share in shares.items():
            throw -= share
            if throw < 0:
                return name
        return None

    def between(self, spread: Spread) -> float:
        """Return seconds within the spread, all equally likely."""
        return self._random.uniform(*spread)


def spread(text: str) -> Spread:
    """Parse `50ms` or `10ms..50ms` to seconds; ValueError shows the right form."""
    low, dots, high = text.partition("..")
    shortest = units.duration(low)
    longest = units.duration(high) if dots else shortest
    if longest < shortest:
        raise ValueError(f"{text!r} ends before it begins; write it as {high}..{low}")
    return shortest, longest


def share(text: str) -> float:
    """Parse `1%` or `0.01` to 0 to 1; ValueError shows the right form."""
    number, percent, rest = text.strip().partition("%")
    try:
        found = float(number) / (100 if percent else 1)
    except ValueError:
        found = -1
    if rest or not 0 <= found <= 1:
        raise ValueError(f"{text!r} is not a share from 0 to 1; write it as 1% or 0.01")
    return found
