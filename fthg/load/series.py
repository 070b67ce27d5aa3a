"""What became of transfers over time, in equal stretches that widen as the run grows."""

from __future__ import annotations

from typing import Union

from ..clock import SECOND
from ..transfer import OUTCOMES, Result
from .histogram import COARSE, Histogram, Packed

LIMIT = 240
"""Most stretches ever kept: one more, and every two become one of double width."""


_FRESH = 2


class Stretch:
    """What ended within one stretch of time."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(OUTCOMES, 0)
        self.bytes = 0
        self._times: Union[Histogram, Packed] = Histogram(COARSE)

    @property
    def response_time(self) -> Histogram:
        """What was counted so far, to be read."""
        return Histogram.unpack(self._times) if isinstance(self._times, Packed) else self._times

    def pack(self) -> None:
        """Take less memory until the next result is recorded."""
        if isinstance(self._times, Histogram):
            self._times = self._times.pack()

    def record(self, result: Result) -> None:
        """Count one result."""
        end = result.end
        self.counts[result.outcome] += 1
        self.bytes += result.bytes
        if end is not None and result.outcome != "cancelled":
            self._open().record(end - result.due)

    def merge(self, other: Stretch) -> None:
        """Add all that another stretch has counted."""
        for outcome, count in other.counts.items():
            self.counts[outcome] += count
        self.bytes += other.bytes
        self._open().merge(other.response_time)

    def _open(self) -> Histogram:
        self._times = self.response_time
        return self._times


class Series:
    """Stretches from `began` on; a result belongs to the one in which it ended, or was due."""

    def __init__(self, began: int) -> None:
        self.began = began  # a reading of the run's clock, the same for all that will be merged
        self.width = SECOND
        self.stretches: list[Stretch] = []

    def record(self, result: Result) -> None:
        """Count one result."""
        end = result.end
        self._at(result.due if end is None else end).record(result)

    def _at(self, when: int) -> Stretch:
        since = max(0, when - self.began)
        while since // self.width >= LIMIT:
            self._widen()
        index = since // self.width
        if index >= len(self.stretches):
            self._add(index + 1 - len(self.stretches))
        return self.stretches[index]

    def _add(self, count: int) -> None:
        self.stretches += [Stretch() for _ in range(count)]
        for old in self.stretches[:-_FRESH]:  # all again: some may have been merged, or been late
            old.pack()

    def _widen(self) -> None:
        self.width *= 2
        for even, odd in zip(self.stretches[::2], self.stretches[1::2]):
            even.merge(odd)
        del self.stretches[1::2]

    def merge(self, other: Series) -> None:
        """Add a series of the same start."""
        while self.width < other.width:
            self._widen()
        for index, stretch in enumerate(other.stretches):
            self._at(self.began + index * other.width).merge(stretch)

    def figures(self) -> list[dict[str, object]]:
        """Each stretch: `at` and `seconds` (its start and width), counts, bytes, and the 95th
        percentile of response times in seconds, None where nothing ended."""
        seconds = self.width // SECOND
        return [
            {
                "at": index * seconds,
                "seconds": seconds,
                **stretch.counts,
                "bytes": stretch.bytes,
                "response_time_p95": times.percentile(95) / SECOND if times.count else None,
            }
            for index, stretch in enumerate(self.stretches)
            for times in [stretch.response_time]
        ]
