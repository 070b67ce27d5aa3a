"""The integral of a rate that is constant or changes linearly, piece by piece: exact (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import isqrt
from typing import NamedTuple, Optional

from ...clock import SECOND


class Piece(NamedTuple):
    """A period in which a rate goes evenly from one value to another; it lasts `length` ns."""

    length: int
    first: Fraction  # a second, 0 or more
    last: Fraction

    @property
    def integral(self) -> Fraction:
        """The arrivals of the whole piece."""
        return (self.first + self.last) * self.length / (2 * SECOND)

    def value(self, time: int) -> Fraction:
        """Return the rate at a time after the beginning of the piece."""
        return self.first + (self.last - self.first) * time / self.length


class _Solved:
    """A piece as an equation: after t ns there were (a·t² + b·t) / scale arrivals, in integers."""

    def __init__(self, piece: Piece) -> None:
        change = piece.last - piece.first
        self.scale = 2 * piece.length * SECOND * piece.first.denominator * change.denominator
        self.a = change.numerator * piece.first.denominator
        self.b = 2 * piece.length * piece.first.numerator * change.denominator

    def amount(self, time: int) -> Fraction:
        """Return how many arrivals there were after a time."""
        return Fraction((self.a * time + self.b) * time, self.scale)

    def latest(self, amount: Fraction) -> int:
        """Return the latest time at which there were no more arrivals than that, rounded down.

        There must be more of them at the end of the piece.
        """
        a, b, most = self.a, self.b, amount.numerator * self.scale // amount.denominator
        if not a:
            return most // b
        if a > 0:
            return (isqrt(b * b + 4 * a * most) - b) // (2 * a)
        square = b * b + 4 * a * most
        root = isqrt(square)
        return (b - root - (root * root < square)) // (-2 * a)


class Pieces:
    """Pieces one after another from time 0 on. Times are nanoseconds, amounts are arrivals."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.starts = [0]
        """When each piece begins; the last one is the end of all."""
        self._before = [Fraction(0)]
        for piece in pieces:
            self.starts.append(self.starts[-1] + piece.length)
            self._before.append(self._before[-1] + piece.integral)
        self._solved = [_Solved(piece) for piece in pieces]

    @property
    def end(self) -> int:
        """The end of the last piece."""
        return self.starts[-1]

    @property
    def total(self) -> Fraction:
        """The arrivals of all pieces."""
        return self._before[-1]

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
        if time >= self.end:
            return self.total
        at = self.index(max(0, time))
        return self._before[at] + self._solved[at].amount(max(0, time) - self.starts[at])

    def latest(self, amount: Fraction) -> Optional[int]:
        """Return the latest moment at which the integral is no more than that, rounded down.

        None if that is the end, or later.
        """
        if amount >= self.total:
            return None
        at = bisect_right(self._before, amount) - 1
        return self.starts[at] + self._solved[at].latest(amount - self._before[at])
