"""When each job of each run was under way, as far as results tell (pure).

Moments are UTC, nanoseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Optional, Union

from ..clock import SECOND
from ..transfer import Result
from .plan import Job

Moment = Union[int, Fraction]


@dataclass
class Stint:
    """One job within one run."""

    began: int  # first due
    last_due: int = 0
    ended: int = 0
    scheduled: int = 0

    def record(self, result: Result) -> None:
        """Count one result."""
        self.began = min(self.began, result.due)
        self.last_due = max(self.last_due, result.due)
        self.ended = max(self.ended, result.due if result.end is None else result.end)
        self.scheduled += 1


class Span(NamedTuple):
    """A stretch of time."""

    begin: Moment
    end: Moment


def whole(stints: Collection[Stint]) -> Span:
    """From the first due time of all to the last end."""
    return Span(min(stint.began for stint in stints), max(stint.ended for stint in stints))


def dispatching(stint: Stint, job: Optional[Job], run: Span) -> Span:
    """From the first due time to the end of dispatching: each arrival stands for a whole period.

    With no job to tell the rate, it is what the due times show; of one alone, once in the run.
    """
    end: Moment
    if job and job.rate:
        end = max(Fraction(stint.last_due), stint.began + stint.scheduled / job.rate * SECOND)
    elif job:
        end = max(stint.last_due, stint.ended)
    elif stint.scheduled == 1:
        end = run.end
    else:
        end = stint.last_due + Fraction(stint.last_due - stint.began, stint.scheduled - 1)
    return Span(stint.began, end)


def covered(spans: Iterable[Span]) -> Fraction:
    """Seconds that lie in at least one of the spans."""
    total, reached = Fraction(0), Fraction(0)
    for begin, end in sorted(spans):
        total += max(Fraction(0), end - max(reached, begin))
        reached = max(reached, Fraction(end))
    return total / SECOND
