"""The stages of a job within one run, as far as its results show them (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Optional

from ..clock import SECOND
from ..transfer import Result
from .pacing import Pacer
from .plan import Job
from .stats.stage_metrics import StageMetrics
from .stats.stage_times import StagedTime, StageFinder, part_at, time_so_far

_SAME = SECOND // 1000
"""Moments are written in microseconds, and processes that send each read the clocks."""

_ROUNDING = 2 * SECOND // 1_000_000
"""The error of a time after the first moment, because both are written in microseconds."""

_NEAR = SECOND
"""The clocks of hosts that share an open job agree better than that."""

_TRIES = 10


class RecordedStages:
    """One job with stages within one run; times are UTC, nanoseconds since 1970."""

    def __init__(self, job: Job, first: Result, longest: Optional[float] = None) -> None:
        """Find the first moment of the job by the first of its results that ended.

        `longest` is how long it may dispatch, in seconds; None: for ever.
        """
        self.began, self._pacer = _anchored(job.pacer, first)
        self._open = job.open
        self._longest = None if longest is None else round(longest * SECOND)
        self._finder = StageFinder(self._pacer)
        self.metrics = StageMetrics()
        self._last = first  # by due time
        self._ended = 0  # nanoseconds after the first moment

    def record(self, results: Sequence[Result]) -> None:
        """Count some results."""
        self._last = max(self._last, *results, key=_by_due)
        for result in results:
            if result.end is not None:
                self._ended = max(self._ended, result.end - self.began)
        for stage, some in groupby(results, self._stage):
            self.metrics.record(stage, list(some))

    def merge(self, other: RecordedStages) -> None:
        """Count all that another has counted from the same first result on."""
        self._last = max(self._last, other._last, key=_by_due)
        self._ended = max(self._ended, other._ended)
        self.metrics.merge(other.metrics)

    @property
    def staged(self) -> StagedTime:
        """The schedule as far as the results go, and to its end if no arrival was left until it."""
        until, end = self._time(self._last), self._longest
        following = self._following(until)
        if end is not None and (following is None or following >= end or self._waited(end)):
            until = max(until, end)
        elif not part_at(self._pacer, until)[1].has_target:
            until = max(until, self._ended)
        return StagedTime(self._pacer, time_so_far(self._pacer, until, end))

    def _following(self, last: int) -> Optional[int]:
        """Return when another arrival could have been sent; None: never.

        At `max` that is as soon as a sender is free.
        """
        parts = self._pacer.parts
        for (begins, part), ends in zip(parts, [*(start for start, _ in parts[1:]), None]):
            if not part.has_target:
                due: Optional[int] = max(begins, last, self._ended)
            else:
                due = part.due(part.arrivals(max(0, last + 1 - begins)) or 0)
                due = None if due is None else begins + due
            if due is not None and (ends is None or due < ends):
                return due
        return None

    def _waited(self, end: int) -> bool:
        """Return True if arrivals may have waited for a sender until the end."""
        return not self._open and self._ended + _ROUNDING >= end

    def _stage(self, result: Result) -> int:
        """Return the stage that a result was due in; near a change of stages exactly."""
        time, near = result.due - self.began, _NEAR if self._open else _SAME
        stage = self._finder.at(time - near)
        return (
            stage if stage == self._finder.at(time + near) else self._finder.at(self._time(result))
        )

    def _time(self, result: Result) -> int:
        """Return when a result was due, after the first moment: exactly, if it was on schedule."""
        time, exact = result.due - self.began, self._pacer.due(result.seq)
        if exact is not None and (self._open or abs(time - exact) < _SAME):
            return exact
        # Where busy senders skipped arrivals, the number does not say which one it was.
        begins, part = part_at(self._pacer, time + _ROUNDING)
        number = part.arrivals(time + _ROUNDING - begins)
        exact = part.due(number - 1) if number else None
        return time if exact is None or abs(time - begins - exact) > _ROUNDING else begins + exact


def _by_due(result: Result) -> tuple[int, int]:
    return result.due, result.seq


def _anchored(pacer: Pacer, first: Result) -> tuple[int, Pacer]:
    """Return the first moment of a job, and its pacer from then on.

    The first transfer that ends was sent on time: no sender was free before it. A day profile
    depends on the first moment in turn: the next guess is better, until it is the same.
    """
    began = first.due
    for _ in range(_TRIES):
        anchored = pacer.at(began)
        found = first.due - _first_due(anchored, first.seq)
        if abs(found - began) < _SAME:
            return found, anchored
        began = found
    return began, pacer.at(began)


def _first_due(pacer: Pacer, seq: int) -> int:
    """Return when an early arrival is due; at `max` they are at the beginning of the stage."""
    for begins, part in pacer.parts:
        due = part.due(seq)
        if due is not None:
            return begins + due
    return 0
