"""What became of transfers over time, in equal stretches that widen as the run grows."""

from __future__ import annotations

from ..clock import SECOND
from ..transfer import OUTCOMES, Result
from .histogram import COARSE, Histogram

LIMIT = 240
"""Most stretches ever kept: one more, and every two become one of double width."""


class Stretch:
    """What ended within one stretch of time."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(OUTCOMES, 0)
        self.bytes = 0
        self.response_time = Histogram(COARSE)

    def merge(self, other: Stretch) -> None:
        """Add all that another stretch has counted."""
        for outcome, count in other.counts.items():
            self.counts[outcome] += count
        self.bytes += other.bytes
        self.response_time.merge(other.response_time)


class Series:
    """Stretches from `began` on; a result belongs to the one in which it ended, or was due."""

    def __init__(self, began: int) -> None:
        self.began = began  # a reading of the run's clock, the same for all that will be merged
        self.width = SECOND
        self.stretches: list[Stretch] = []

    def record(self, result: Result) -> None:
        """Count one result."""
        end = result.end
        stretch = self._at(result.due if end is None else end)
        stretch.counts[result.outcome] += 1
        stretch.bytes += result.bytes
        if end is not None and result.outcome != "cancelled":
            stretch.response_time.record(end - result.due)

    def _at(self, when: int) -> Stretch:
        since = max(0, when - self.began)
        while since // self.width >= LIMIT:
            self._widen()
        index = since // self.width
        while index >= len(self.stretches):
            self.stretches.append(Stretch())
        return self.stretches[index]

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
                "response_time_p95": (
                    stretch.response_time.percentile(95) / SECOND
                    if stretch.response_time.count
                    else None
                ),
            }
            for index, stretch in enumerate(self.stretches)
        ]
