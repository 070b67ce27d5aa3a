"""The integral of a rate that is constant or changes linearly, piece by piece: exact (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt, lcm
from typing import NamedTuple, Optional, Union

from ...clock import SECOND


class Piece(NamedTuple):
    """A period in which a rate goes evenly from one value to another; it lasts `length` ns."""

    length: int
    first: Fraction  # a second, 0 or more
    last: Fraction

    @property
    def terms(self) -> tuple[Fraction, Fraction]:
        """The factors a and b of its integral a·t² + b·t after t ns."""
        return (self.last - self.first) / (2 * SECOND * self.length), self.first / SECOND

    def value(self, time: int) -> Fraction:
        """Return the rate at a time after the beginning of the piece."""
        return self.first + (self.last - self.first) * time / self.length


class Pieces:
    """Pieces one after another from time 0 on. Times are nanoseconds, amounts are arrivals.

    All is computed in integers, after a multiplication by the common denominator of all terms.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.starts = [0]
        """The beginning of each piece, and the end of the last one."""
        terms = [piece.terms for piece in pieces]
        self._scale = lcm(*(factor.denominator for both in terms for factor in both))
        self._terms = [(int(a * self._scale), int(b * self._scale)) for a, b in terms]
        self._before = [0]  # the integral at each start
        for piece, (a, b) in zip(pieces, self._terms):
            self.starts.append(self.starts[-1] + piece.length)
            self._before.append(self._before[-1] + (a * piece.length + b) * piece.length)

    @property
    def end(self) -> int:
        """The end of the last piece."""
        return self.starts[-1]

    def index(self, time: int) -> int:
        """Return which piece a time lies in; the last one for all times after it."""
        return min(bisect_right(self.starts, time), len(self.pieces)) - 1

    def value(self, time: int) -> Fraction:
        """Return the rate at a time; 0 after the end."""
        if time >= self.end:
            return Fraction(0)
        at = self.index(time)
        return self.pieces[at].value(time - self.starts[at])

    def amount(self, time: int) -> Fraction:
        """Return the integral from 0 to a time."""
        within = min(max(0, time), self.end)
        at = self.index(within)
        a, b = self._terms[at]
        passed = within - self.starts[at]
        return Fraction(self._before[at] + (a * passed + b) * passed, self._scale)

    def latest(self, amount: Union[int, Fraction]) -> Optional[int]:
        """Return the latest moment at which the integral is no more than that, rounded down.

        None if that is the end, or later.
        """
        most = amount.numerator * self._scale // amount.denominator
        if most >= self._before[-1]:
            return None
        at = bisect_right(self._before, most) - 1
        return self.starts[at] + _latest(*self._terms[at], most - self._before[at])


def _latest(a: int, b: int, most: int) -> int:
    """Return the latest t, rounded down, with a·t² + b·t ≤ most, where that is still rising."""
    if not a:
        return most // b
    square = b * b + 4 * a * most
    root = isqrt(square)
    if a > 0:
        return (root - b) // (2 * a)
    return (b - root - (root * root < square)) // (-2 * a)
