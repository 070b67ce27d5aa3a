"""Durations counted in buckets that widen with the value: small, mergeable, right to 1 %."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, Optional

FINE = 6
"""Bits kept of a value: a bucket is at most 1/64 of its lower end wide."""

COARSE = 4
"""For many histograms side by side: a bucket is at most 1/16 of its lower end wide."""


class Packed(NamedTuple):
    """The content of a histogram, in a tenth of its memory."""

    bits: int
    buckets: array[int]
    counts: array[int]
    sum: int
    max: int
    min: Optional[int]


class Histogram:
    """Counts of integer nanoseconds; minimum, maximum and mean are exact, percentiles nearly so.

    Values below 2**(bits + 1) have a bucket each. Above, every power of two is cut into 2**bits
    equal buckets (HdrHistogram's layout), so a percentile, the middle of its bucket, is
    off by at most half a bucket: 0.8 % of the value with FINE, 3.2 % with COARSE. There are at
    most 64 * 2**bits buckets, and only those that were hit take memory.
    """

    def __init__(self, bits: int = FINE) -> None:
        self._bits = bits
        self._counts: defaultdict[int, int] = defaultdict(int)  # by bucket
        self.sum = 0
        self.max = 0
        self._min: Optional[int] = None

    @property
    def count(self) -> int:
        """The number of values."""
        return sum(self._counts.values())

    @property
    def min(self) -> int:
        """The least value; 0 while there is none."""
        return self._min or 0

    @property
    def mean(self) -> float:
        """The sum over the count; 0 while there is none."""
        return self.sum / self.count if self._counts else 0.0

    def record(self, *values: int) -> None:
        """Count values; a negative one counts as 0."""
        if not values:
            return
        least = min(values)
        if least < 0:
            self.record(*[max(value, 0) for value in values])
            return
        # Several times for every transfer: many values at once, without avoidable calls.
        bits, counts = self._bits, self._counts
        for value in values:
            shift = value.bit_length() - bits - 1
            counts[(shift << bits) + (value >> shift) if shift > 0 else value] += 1
        self.sum += sum(values)
        self.max = max(self.max, *values)
        if self._min is None or least < self._min:
            self._min = least

    def merge(self, other: Histogram) -> None:
        """Count all that another histogram of the same precision has counted."""
        if other._min is None:
            return
        for bucket, count in other._counts.items():
            self._counts[bucket] += count
        self.sum += other.sum
        self.max = max(self.max, other.max)
        self._min = other._min if self._min is None else min(self._min, other._min)

    def pack(self) -> Packed:
        """Return its content in less memory, for a histogram that hardly counts any more."""
        buckets, counts = array("H", self._counts.keys()), array("Q", self._counts.values())
        return Packed(self._bits, buckets, counts, self.sum, self.max, self._min)

    @classmethod
    def unpack(cls, packed: Packed) -> Histogram:
        """Return the histogram that was packed."""
        made = cls(packed.bits)
        made._counts.update(zip(packed.buckets, packed.counts))
        made.sum, made.max, made._min = packed.sum, packed.max, packed.min
        return made

    def since(self, before: Histogram) -> Histogram:
        """Return the counts since this was `before`; minimum and maximum are those of buckets."""
        later = Histogram(self._bits)
        later._min, later.max = self._min, self.max
        later.sum = self.sum - before.sum
        for bucket, count in self._counts.items():
            if count > before._counts.get(bucket, 0):
                later._counts[bucket] = count - before._counts.get(bucket, 0)
        return later

    def buckets(self) -> Sequence[tuple[int, int]]:
        """Return the middle of each bucket that has values, ascending, and their number."""
        return [(self._middle(bucket), self._counts[bucket]) for bucket in sorted(self._counts)]

    def percentiles(self, percents: Sequence[int]) -> list[int]:
        """Return the value at each percent, by nearest rank.

        That is the least value such that at least so many in a hundred are not above it. It is
        never outside minimum and maximum, and 0 while there is none.
        """
        if not self._counts:
            return [0] * len(percents)
        buckets = sorted(self._counts)
        up_to = list(accumulate(map(self._counts.__getitem__, buckets)))
        ranks = (max(1, -(-percent * up_to[-1] // 100)) for percent in percents)
        return [self._middle(buckets[bisect_left(up_to, rank)]) for rank in ranks]

    def percentile(self, percent: int) -> int:
        """Return the value at one percent; see `percentiles`."""
        return self.percentiles([percent])[0]

    def up_to(self, bounds: Sequence[int]) -> list[int]:
        """Return how many values are not above each of some ascending bounds.

        All values of a bucket count as its middle, whatever else there is: no count ever decreases.
        """
        buckets = sorted(self._counts)
        counts = [0, *accumulate(map(self._counts.__getitem__, buckets))]
        lasts = _last_buckets(self._bits, tuple(bounds))
        return [counts[bisect_right(buckets, last)] for last in lasts]

    def _middle(self, bucket: int) -> int:
        return min(max(_middle(self._bits, bucket), self.min), self.max)


def _middle(bits: int, bucket: int) -> int:
    shift = max(0, (bucket >> bits) - 1)
    return ((bucket - (shift << bits)) << shift) + (1 << shift >> 1)


@lru_cache
def _last_buckets(bits: int, bounds: tuple[int, ...]) -> Sequence[int]:
    """Return the last bucket whose middle is not above each bound."""
    buckets = []
    for bound in bounds:
        shift = max(0, bound.bit_length() - bits - 1)
        bucket = (shift << bits) + (bound >> shift)
        buckets.append(bucket if _middle(bits, bucket) <= bound else bucket - 1)
    return buckets
