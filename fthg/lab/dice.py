"""Chance that can be repeated: the same seed gives the same run of faults and delays."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Optional

from .. import units

Spread = tuple[float, float]
"""Shortest and longest, in seconds; equal for a fixed time."""


class Dice:
    """A seeded source of chance, shared by all that happens in one lab."""

    def __init__(self, seed: Optional[int] = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - practice, not secrets

    def happens(self, share: float) -> bool:
        """True in `share` (0 to 1) of all calls."""
        return self._random.random() < share

    def which(self, shares: Mapping[str, float]) -> Optional[str]:
        """One of the names, each in its share of all calls; None in the rest of them."""
        throw = self._random.random()
        for name, share in shares.items():
            throw -= share
            if throw < 0:
                return name
        return None

    def between(self, spread: Spread) -> float:
        """Seconds from the spread, each as likely as the other."""
        return self._random.uniform(*spread)


def spread(text: str) -> Spread:
    """Seconds of `50ms` or `10ms..50ms`; ValueError says what would be right."""
    low, dots, high = text.partition("..")
    shortest = units.duration(low)
    longest = units.duration(high) if dots else shortest
    if longest < shortest:
        raise ValueError(f"{text!r} ends before it begins; write it as {high}..{low}")
    return shortest, longest


def share(text: str) -> float:
    """0 to 1 of `1%` or `0.01`; ValueError says what would be right."""
    number, percent, rest = text.strip().partition("%")
    try:
        found = float(number) / (100 if percent else 1)
    except ValueError:
        found = -1
    if rest or not 0 <= found <= 1:
        raise ValueError(f"{text!r} is not a share from 0 to 1; write it as 1% or 0.01")
    return found
