"""The arrivals of one job in one run that have a line, in whichever file (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import gcd

from ...transfer import Result
from .due_times import DueTimes
from .numbers import Numbers

MOST_SLICES = 10_000
"""The most slices that are named; no run has more."""


@dataclass
class Steps:
    """The numbers of one slice: the first one, and what divides the distances of all from it."""

    first: int
    step: int = 0

    def add(self, numbers: Sequence[int]) -> None:
        """Add some numbers."""
        self.step = gcd(self.step, *[number - self.first for number in numbers])
        self.first = min(self.first, *numbers)

    def merge(self, other: Steps) -> None:
        """Add all numbers of another part of the slice."""
        self.step = gcd(self.step, other.step, other.first - self.first)
        self.first = min(self.first, other.first)


@dataclass
class Arrivals:
    """The numbers that have a line, of all slices together and of each."""

    numbers: Numbers = field(default_factory=Numbers)
    slices: dict[str, Steps] = field(default_factory=dict)  # by its text; empty: of a whole run
    due_times: DueTimes = field(default_factory=DueTimes)

    def add(self, slice_: str, results: Sequence[Result], known: bool) -> int:
        """Add results of a slice; return how many of them were there already.

        `known`: it is known whether the job is of the open model.
        """
        numbers = [result.seq for result in results]
        if len(self.slices) >= MOST_SLICES and slice_ not in self.slices:
            slice_ = ""
        steps = self.slices.get(slice_)
        if steps is None:
            steps = self.slices[slice_] = Steps(numbers[0])
        if slice_:
            steps.add(numbers)
        if not known:
            self.due_times.add(results)
        return self.numbers.add(numbers)

    def merge(self, other: Arrivals) -> int:
        """Add all numbers of another; return how many were there already."""
        for slice_, steps in other.slices.items():
            if slice_ in self.slices:
                self.slices[slice_].merge(steps)
            else:
                self.slices[slice_] = steps
        self.due_times.merge(other.due_times)
        return self.numbers.merge(other.numbers)
