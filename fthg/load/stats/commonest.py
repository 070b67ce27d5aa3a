"""The commonest of any number of different items, counted in bounded memory."""

from __future__ import annotations

from collections import Counter
from typing import Generic, TypeVar

T = TypeVar("T", int, str)


class Commonest(Generic[T]):
    """Counts of at most `capacity` different items.

    Exact until there are more. Then a new item takes the place and the count of the rarest
    (Space-Saving, Metwally et al. 2005): whatever makes up more than 1 in `capacity` of all
    is surely kept, and counted too high by no more than that share.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._counts: Counter[T] = Counter()

    def record(self, item: T, times: int = 1) -> None:
        """Count an item."""
        counts = self._counts
        if item not in counts and len(counts) >= self.capacity:
            rarest = min(counts, key=counts.__getitem__)
            times += counts.pop(rarest)
        counts[item] += times

    def merge(self, other: Commonest[T]) -> None:
        """Count all that another has counted, commonest first."""
        for item, times in other.most():
            self.record(item, times)

    def most(self, limit: int = 1000) -> list[tuple[T, int]]:
        """The `limit` commonest and their counts, commonest first; equal ones by themselves.

        So they do not depend on who counted first, of several processes.
        """
        return sorted(self._counts.items(), key=lambda known: (-known[1], known[0]))[:limit]
