"""Finds the stage of a job that is in force, and how long each has been so far (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...slices import WHOLE, Slice
from ..pacing import Pacer, Span

_AT_LEAST = 86_400 * SECOND


class StagedTime(NamedTuple):
    """The schedule of one run of a job with stages, so far."""

    pacer: Pacer  # whose time 0 is the first moment of the job in this run
    until: int  # nanoseconds after it, see `time_so_far`
    slice: Slice = WHOLE  # whose arrivals count

    @property
    def due(self) -> Optional[int]:
        """The arrivals due so far, sent or not; None if one of the stages has no target."""
        due = self.pacer.arrivals(self.until)
        return None if due is None else self.slice.share(due)


class StageFinder:
    """Finds the stage that is in force at a time after the first moment of a job."""

    def __init__(self, pacer: Pacer) -> None:
        self._pacer = pacer
        self._known = 0  # the spans that begin before this are known
        self._starts: list[int] = []
        self._stages: list[int] = []

    def at(self, time: int) -> int:
        """Return the stage; after the end, and before the beginning, the nearest one."""
        time = max(0, time)
        if time >= self._known:
            self._look_ahead(time)
        return self._stages[bisect_right(self._starts, time) - 1]

    def _look_ahead(self, time: int) -> None:
        end = self._pacer.end
        self._known = 2 * max(time, _AT_LEAST) if end is None else max(time + 1, end)
        spans = list(self._pacer.spans(self._known))
        self._starts = [span.start for span in spans]
        self._stages = [span.stage for span in spans]


def time_so_far(pacer: Pacer, dispatching: int, longest: Optional[int] = None) -> int:
    """Return the time over which rates are measured, given nanoseconds of dispatching.

    As in `Pacer.seconds` each arrival that was due stands for the time until the next, but not
    beyond the end of its stage: a pause may follow. Time after the last stage does not count. An
    arrival after the `longest` that the job may dispatch, or at its end, is not due.
    """
    begins, part = part_at(pacer, dispatching)
    due_before = dispatching + 1 if longest is None else min(dispatching + 1, longest)
    arrivals = part.arrivals(due_before - begins)
    if arrivals:
        last, following = part.due(arrivals - 1), part.due(arrivals)
        horizon = part.end if following is None else following
        if last is not None and horizon is not None:
            spans = pacer.spans(begins + horizon)
            ends = [span.end for span in spans if span.start <= begins + last]
            dispatching = max(dispatching, *ends[-1:])
    return dispatching if pacer.end is None else min(dispatching, pacer.end)


def part_at(pacer: Pacer, time: int) -> tuple[int, Pacer]:
    """Return the part of a pacer that is followed at a time, and when it begins."""
    return [part for part in pacer.parts if part[0] <= max(0, time)][-1]


def stage_periods(staged: StagedTime) -> Iterator[tuple[Span, Optional[Fraction]]]:
    """Yield every period of a stage so far, with the arrivals due in it; None: it has no target.

    Times are those of the pacer; a period that is not over ends now.
    """
    pacer, until, slice_ = staged
    before = 0
    for stage, start, end in pacer.spans(until):
        span = Span(stage, start, min(end, until))
        if pacer.has_target:
            due = slice_.share(pacer.arrivals(span.end) or 0)
            yield span, Fraction(due - before)
            before = due
        elif pacer.rate_at(start) is None:
            yield span, None
        else:
            yield span, pacer.due_between(start, span.end) / slice_.of
