"""The times in which each job of each run was running, as far as results show them (pure).

Times are UTC, nanoseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Optional, Union

from ..clock import SECOND
from ..transfer import Result
from .plan import Job
from .recorded_stages import RecordedStages

Time = Union[int, Fraction]


@dataclass
class RunInterval:
    """One job within one run."""

    began: int  # first due
    last_due: int = 0
    ended: int = 0
    scheduled: int = 0
    stages: Optional[RecordedStages] = None  # of a job whose rate has some

    def record(self, results: Sequence[Result]) -> None:
        """Count some results."""
        dues = [result.due for result in results]
        ends = [result.due if result.end is None else result.end for result in results]
        self.began = min(self.began, *dues)
        self.last_due = max(self.last_due, *dues)
        self.ended = max(self.ended, *ends)
        self.scheduled += len(results)
        if self.stages is not None:
            self.stages.record(results)

    def merge(self, other: RunInterval) -> None:
        """Count all that another has counted of the same job in the same run."""
        self.began = min(self.began, other.began)
        self.last_due = max(self.last_due, other.last_due)
        self.ended = max(self.ended, other.ended)
        self.scheduled += other.scheduled
        if self.stages is not None and other.stages is not None:
            self.stages.merge(other.stages)


class Span(NamedTuple):
    """A period of time."""

    start: Time
    end: Time


def whole(intervals: Collection[RunInterval]) -> Span:
    """Return the span from the first due time of all to the last end."""
    return Span(
        min(interval.began for interval in intervals), max(interval.ended for interval in intervals)
    )


def dispatching(interval: RunInterval, job: Optional[Job], run: Span) -> Span:
    """Return the span of dispatching: each arrival stands for the period until the next.

    With no job to give the rate, the due times give it; a single arrival stands for the whole run.
    """
    end: Time
    if interval.stages:
        began = interval.stages.began
        return Span(began, began + interval.stages.staged.until)
    if job and job.pacer.has_target:
        seconds = job.pacer.seconds(interval.scheduled)
        end = max(Fraction(interval.last_due), interval.began + seconds * SECOND)
    elif job:
        end = max(interval.last_due, interval.ended)
    elif interval.scheduled == 1:
        end = run.end
    else:
        end = interval.last_due + Fraction(
            interval.last_due - interval.began, interval.scheduled - 1
        )
    return Span(interval.began, end)


def length(span: Span) -> Fraction:
    """Return the seconds of a span."""
    return Fraction(span.end - span.start) / SECOND


def covered(spans: Iterable[Span]) -> Fraction:
    """Return the seconds that lie in at least one of the spans."""
    total, reached = Fraction(0), Fraction(0)
    for start, end in sorted(spans):
        total += max(Fraction(0), end - max(reached, start))
        reached = max(reached, Fraction(end))
    return total / SECOND
