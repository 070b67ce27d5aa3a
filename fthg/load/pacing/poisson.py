"""Random arrivals, independent of one another: a Poisson process of the rate of another pacer."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import log1p
from random import Random
from typing import Any, Optional

from .pacer import Continuous, Pacer, Span

_UNIT = 1 << 48  # of the sums: one arrival on average
BLOCK = 2048
"""Arrivals that are drawn at once."""


@dataclass(frozen=True)
class Poisson(Pacer):
    """Arrivals at random times: the rate of `base` is the mean, their number is random.

    Arrival n is due where the integral of the rate reaches the sum of n + 1 independent exponential
    gaps of mean 1: so the rate may change. The same seed gives a job the same gaps, in every
    process; without one the id of the run does, so that results files can be summarized exactly.

    `rate_at` and `due_between` are means. All else uses the times that were drawn, so that an
    undisturbed job achieves its target here, too; for plans, before anything is drawn, see `even`.
    """

    base: Pacer  # also Continuous, and with a target
    job: str  # jobs of the same rate do not send at the same times
    run: str
    seed: Optional[int] = None

    @classmethod
    def read(cls, value: Any) -> Optional[Poisson]:  # noqa: ARG003
        """Return None: another key than `rate` makes arrivals random."""
        return None

    @property
    def text(self) -> str:  # type: ignore[override]
        """The rate, and that arrivals are random."""
        return f"{self.base.text}, poisson arrivals"

    @property
    def end(self) -> Optional[int]:  # type: ignore[override]
        """The end of the rate."""
        return self.base.end

    @property
    def stages(self) -> Sequence[str]:  # type: ignore[override]
        """The stages of the rate."""
        return self.base.stages

    @property
    def moves(self) -> bool:  # type: ignore[override]
        """True if late arrivals move all later ones in the closed model."""
        return self.base.moves

    @property
    def even(self) -> Pacer:
        """The rate itself."""
        return self.base.even

    def at(self, utc: int) -> Poisson:
        """Return the pacer of a job whose time 0 is this moment, in nanoseconds since 1970."""
        return replace(self, base=self.base.at(utc))

    def in_run(self, run: str) -> Poisson:
        """Return the pacer of the same job in the run with this id."""
        return replace(self, run=run)

    def spans(self, until: int) -> Iterator[Span]:
        """Yield the periods of the stages of the rate."""
        return self.base.spans(until)

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due, rounded down; None after the end of the rate."""
        return self._moment(Fraction(self._sums.sum(arrival), _UNIT))

    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the mean target in files a second."""
        return self.base.rate_at(time)

    def arrivals(self, until: int) -> int:
        """Return how many arrivals are due before `until`; all of them are drawn."""
        return self._sums.count(self.base.due_between(0, until))

    def due_between(self, since: int, until: int) -> Fraction:
        """Return the mean number of arrivals in [since, until)."""
        return self.base.due_between(since, until)

    @cached_property
    def _moment(self) -> Callable[[Fraction], Optional[int]]:
        assert isinstance(self.base, Continuous)  # noqa: S101 - job_errors reports others
        return self.base.moment

    @cached_property
    def _sums(self) -> _Sums:
        return _Sums(f"{self.run if self.seed is None else self.seed}/{self.job}")


class _Sums:
    """Sums of the first 1, 2, 3 … independent exponential gaps, in units of an integer.

    They are drawn block by block, each with its own generator. The newest block is kept, and of all
    others the sum before: 13 MB in a week at 1000 arrivals a second.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._before = [0]  # the sum before each block, as far as they were drawn
        self._newest = -1
        self._sums = array("Q")  # of the newest block, without what is before it

    def sum(self, gap: int) -> int:
        """Return the sum of all gaps up to this one, from 0."""
        block, at = divmod(gap, BLOCK)
        if block != self._newest:
            self._draw_up_to(block)
        return self._before[block] + self._sums[at]

    def count(self, amount: Fraction) -> int:
        """Return how many sums are less than that."""
        limit = -(-amount.numerator * _UNIT // amount.denominator)
        while self._before[-1] < limit:
            self._draw_up_to(len(self._before) - 1)
        block = max(0, bisect_left(self._before, limit) - 1)
        if block != self._newest:
            self._draw_up_to(block)
        return block * BLOCK + bisect_left(self._sums, max(0, limit - self._before[block]))

    def _draw_up_to(self, block: int) -> None:
        """Make a block the newest one, after those before it that were never drawn."""
        for drawn in (*range(len(self._before) - 1, block), block):
            random = Random(f"{self._seed}/{drawn}").random  # noqa: S311 - no secret
            gaps = [int(-log1p(-random()) * _UNIT) for _ in range(BLOCK)]
            self._newest, self._sums = drawn, array("Q", accumulate(gaps))
            if drawn == len(self._before) - 1:
                self._before.append(self._before[-1] + self._sums[-1])
