"""Counts and times of a job by stage, in memory that grows with its stages alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Union

from ...transfer import OUTCOMES, Result, times_of
from .histogram import COARSE, Histogram, Packed
from .metrics import FAILED_TIMES, TIMES

STAGE_TIMES = (*TIMES, *FAILED_TIMES)


class StageCounts:
    """Counts and times of the arrivals that were due in one stage, as those of `Metrics`."""

    def __init__(self) -> None:
        self.outcomes = dict.fromkeys(OUTCOMES, 0)
        self.sent = 0
        self.bytes = 0
        self._times: Sequence[Union[Histogram, Packed]] = [Histogram(COARSE) for _ in STAGE_TIMES]

    @property
    def scheduled(self) -> int:
        """All arrivals whose outcome is known."""
        return sum(self.outcomes.values())

    @property
    def times(self) -> Sequence[Histogram]:
        """The histograms of STAGE_TIMES, in their order, to be read."""
        return [
            Histogram.unpack(times) if isinstance(times, Packed) else times for times in self._times
        ]

    def pack(self) -> None:
        """Reduce memory, here and on the way to another process, until the next result."""
        self._times = [
            times.pack() if isinstance(times, Histogram) else times for times in self._times
        ]

    def record(self, results: Sequence[Result]) -> None:
        """Count results."""
        for result in results:
            self.outcomes[result.outcome] += 1
        self.bytes += sum([result.bytes for result in results])
        late = [result.start - result.due for result in results if result.start is not None]
        self.sent += len(late)
        service, response, lateness, service_failed, response_failed = self._open()
        lateness.record(*late)
        _record_times(results, "ok", service, response)
        if self.outcomes["failed"]:
            _record_times(results, "failed", service_failed, response_failed)

    def merge(self, other: StageCounts) -> None:
        """Count all that another has counted."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] += count
        self.sent += other.sent
        self.bytes += other.bytes
        for mine, others in zip(self._open(), other.times):
            mine.merge(others)

    def _open(self) -> Sequence[Histogram]:
        times = self.times
        self._times = times
        return times


def _record_times(
    results: Sequence[Result], outcome: str, service: Histogram, response: Histogram
) -> None:
    timed = times_of([result for result in results if result.outcome == outcome])
    service.record(*[end - start for _, start, end in timed])
    response.record(*[end - due for due, _, end in timed])


class StageMetrics:
    """The counts of each stage that had arrivals: of a job, of a slice of it, or of one run."""

    def __init__(self) -> None:
        self.stages: dict[int, StageCounts] = {}
        self._open: list[int] = []  # the stages of the last results, at most two, the latest last

    def record(self, stage: int, results: Sequence[Result]) -> None:
        """Count results of one stage."""
        if stage not in self._open[-1:]:
            # Two stages alternate for a while: what was due in the first one ends in the second.
            for old in [one for one in self._open if one != stage][:-1]:
                self.stages[old].pack()
            self._open = [*[one for one in self._open if one != stage][-1:], stage]
        self._of(stage).record(results)

    def cancel(self, count: int) -> None:
        """Count transfers without a result to come as cancelled, in the stage of the last one."""
        if count:
            counts = self._of(self._open[-1] if self._open else 0)
            counts.outcomes["cancelled"] += count
            counts.sent += count

    def merge(self, other: StageMetrics) -> None:
        """Count all that another has counted of the same stages."""
        for stage, counts in other.stages.items():
            self._of(stage).merge(counts)

    def _of(self, stage: int) -> StageCounts:
        return self.stages.setdefault(stage, StageCounts())


class StageRecorder:
    """Counts results in the stages that they were due in."""

    def __init__(self, stage_of: Callable[[Result], int]) -> None:
        self.metrics = StageMetrics()
        self._stage_of = stage_of

    def record(self, results: Sequence[Result]) -> None:
        """Count results; one after another are mostly of one stage."""
        for stage, some in groupby(results, self._stage_of):
            self.metrics.record(stage, list(some))
