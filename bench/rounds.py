"""All measurements, and their medians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Optional

from .lateness import Late
from .measure import Taken


class Rounds:
    """The measurements of every tool in every round of every kind of work."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.taken: dict[str, dict[str, list[Optional[Taken]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.late: dict[int, dict[str, list[Optional[Late]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, work: str, tool: str, taken: Optional[Taken]) -> None:
        """Add a round; None if nothing arrived."""
        self.taken[work][tool].append(taken)

    def add_late(self, rate: int, tool: str, late: Optional[Late]) -> None:
        """Add a round of the open model."""
        self.late[rate][tool].append(late)

    def add_figure(self, name: str, tool: str, value: float) -> None:
        """Add a figure that stands for itself, in the unit of its goal."""
        self.figures[name][tool].append(value)

    def middle(self, work: str, tool: str) -> Optional[Taken]:
        """Return the median of each figure; None if a tool sent nothing or was not measured."""
        known = [taken for taken in self.taken.get(work, {}).get(tool, ()) if taken]
        return Taken(*map(median, zip(*known))) if known else None

    def ratio(self, work: str, tool: str, peer: str, same: str = "") -> Optional[float]:
        """Return the median of how many times as fast as a peer, in each round, a tool was.

        `same` is the peer's work if it is not the same.
        """
        ours = self.taken.get(work, {}).get(tool, ())
        theirs = self.taken.get(same or work, {}).get(peer, ())
        ratios = [mine.rate / its.rate for mine, its in zip(ours, theirs) if mine and its]
        return median(ratios) if ratios else None

    def middle_late(self, rate: int, tool: str) -> Optional[Late]:
        """Return the medians of the open model, and the largest number of dropped requests."""
        known = [late for late in self.late.get(rate, {}).get(tool, ()) if late]
        if not known:
            return None
        p50, p99, worst, _ = map(median, zip(*known))
        return Late(p50, p99, worst, max(late.dropped for late in known))

    def middle_figure(self, name: str, tool: str) -> Optional[float]:
        """Return the median of a figure; None if it was not measured."""
        values = self.figures.get(name, {}).get(tool)
        return median(values) if values else None

    def spread(self, work: str, tool: str) -> Sequence[float]:
        """Return the lowest and the highest rate."""
        rates = [taken.rate for taken in self.taken[work][tool] if taken]
        return (min(rates), max(rates)) if rates else ()
