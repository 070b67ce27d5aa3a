"""The one interface between a job and its rate."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, Optional, Protocol, runtime_checkable

from ...clock import SECOND


class Span(NamedTuple):
    """A period in which one stage is in force; times as those of a Pacer."""

    stage: int  # of Pacer.stages
    start: int
    end: int


@runtime_checkable
class Continuous(Protocol):
    """A pacer with a rate that is known at any time; its `due_between` is the exact integral."""

    def moment(self, amount: Fraction) -> Optional[int]:
        """Return the latest moment at which the integral of the rate is no more than that.

        It is rounded down; None if that is the end, or later.
        """


class Pacer(ABC):
    """A rule for when arrivals are due: exact, and the same on every machine and in every slice.

    Arrivals are counted from 0. Times are integer nanoseconds after the start of the job. A pacer
    has no state: it is asked in any order.
    """

    text: str
    """The value of `rate:` in one line, for people."""

    end: Optional[int] = None
    """A time at or after which no arrival is due any more; None: they never end."""

    stages: Sequence[str] = ()
    """The names of the stages that have figures of their own. Stages that differ only in time share
    one: an entry of a day profile is one stage, repeated each day."""

    moves: bool = False
    """True if in the closed model an arrival that finds no free sender moves all later ones; False:
    the schedule keeps to the clock, and those that fell due meanwhile are skipped."""

    file: Optional[str] = None
    """The file that it was read from, which no output may overwrite."""

    @classmethod
    @abstractmethod
    def read(cls, value: Any) -> Optional[Pacer]:
        """Return the pacer for a value of `rate:`, or None if another kind of pacer reads it.

        Raises ValueError, or Invalid with the path of a wrong inner key.
        """

    @abstractmethod
    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due, rounded down; None if there is no such arrival.

        It never decreases from one arrival to the next.
        """

    @abstractmethod
    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the target in files a second; None: as fast as answers come.

        Where arrivals come in groups, it is the mean over their period.
        """

    def in_run(self, run: str) -> Pacer:  # noqa: ARG002 - most are the same in all runs
        """Return the pacer of the same job in the run with this id."""
        return self

    @property
    def period(self) -> Optional[Fraction]:
        """Seconds from each arrival to the next, if they are always the same."""
        return None

    def at(self, utc: int) -> Pacer:  # noqa: ARG002 - most do not depend on the time of the day
        """Return the pacer of a job whose time 0 is this moment, in nanoseconds since 1970."""
        return self

    @property
    def even(self) -> Pacer:
        """The pacer for planning; another one only if the arrivals of this one are random.

        It has the same rates, and as many arrivals as this one has on average: what it counts is
        "about" so many. To count random ones themselves, all until then must be drawn.
        """
        return self

    def spans(self, until: int) -> Iterator[Span]:  # noqa: ARG002 - there are no stages
        """Yield the periods of its stages from 0 on, those that begin before `until`, in order."""
        return iter(())

    @property
    def parts(self) -> Sequence[tuple[int, Pacer]]:
        """Pacers that follow one another, with the time at which each begins.

        Each has a target everywhere, or nowhere; its own times are after its beginning.
        """
        return ((0, self),)

    @property
    def has_target(self) -> bool:
        """False for a rate that depends on answers."""
        return self.rate_at(0) is not None

    def arrivals(self, until: int) -> Optional[int]:
        """Return how many arrivals are due before `until`; None if that depends on answers."""
        if not self.has_target:
            return None
        most = 1
        while self._is_due(most - 1, until):
            most *= 2
        least = most // 2
        while least < most:  # the first arrival that is not due before
            middle = (least + most) // 2
            if self._is_due(middle, until):
                least = middle + 1
            else:
                most = middle
        return least

    def _is_due(self, arrival: int, until: int) -> bool:
        due = self.due(arrival)
        return due is not None and due < until

    def due_between(self, since: int, until: int) -> Fraction:
        """Return how many arrivals the target has in [since, until); 0 without a target."""
        return Fraction((self.arrivals(until) or 0) - (self.arrivals(since) or 0))

    def seconds(self, arrivals: int) -> Fraction:
        """Return the time that the first `arrivals` stand for: until the next one would be due."""
        due = self.due(arrivals)
        if due is None:
            due = self.end if self.end is not None else self.due(arrivals - 1) or 0
        return Fraction(due, SECOND)

    def mean_rate(self, until: int) -> Optional[Fraction]:
        """Return the mean target from the start until then, in files a second; None: no target.

        As in `seconds`, each arrival stands for the time until the next: so an undisturbed job has
        achieved its target at any moment.
        """
        arrivals = self.arrivals(until)
        if not arrivals:
            return None if arrivals is None else self.rate_at(0)
        return arrivals / max(Fraction(until, SECOND), self.seconds(arrivals))
