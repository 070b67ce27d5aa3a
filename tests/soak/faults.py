"""The schedule of faults: a seeded sequence (pure), and the class that carries it out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Optional

from .tally import Trouble


class Fault(NamedTuple):
    """A fault of a server, or a request to fthg, with its start and end."""

    name: str
    jobs: frozenset[str]  # whose transfers may fail because of it
    begin: Callable[[], object]
    end: Callable[[], object]


class Planned(NamedTuple):
    """One scheduled fault, in seconds since the start."""

    at: float
    until: float
    which: int


def turn(seed: int, kinds: int, period: float, until: float) -> Iterator[Planned]:
    """Yield faults about every `period` seconds, each for about a tenth of it, in random order.

    No two overlap, all have ended by `until`, and no kind is repeated before all others.
    """
    dice = random.Random(seed)
    at = 0.0
    waiting: list[int] = []
    while True:
        at += period * dice.uniform(0.6, 1.4)
        hold = period * dice.uniform(0.08, 0.125)
        if at + hold > until:
            return
        waiting = waiting or dice.sample(range(kinds), kinds)
        yield Planned(at, at + hold, waiting.pop())
        at += hold


class Turn:
    """Carries out the scheduled faults; records each in `troubles` when it starts."""

    def __init__(
        self, faults: Sequence[Fault], plan: Iterator[Planned], troubles: list[Trouble]
    ) -> None:
        self._faults = faults
        self._plan = plan
        self._troubles = troubles
        self._next = next(plan, None)
        self._now: Optional[Fault] = None

    def go(self, elapsed: float) -> Optional[str]:
        """Start or end the fault that is due; return the name of one that has started."""
        if self._next is None:
            return None
        if self._now:
            if elapsed >= self._next.until:
                self.finish()
                self._next = next(self._plan, None)
            return None
        if elapsed < self._next.at:
            return None
        self._now = self._faults[self._next.which]
        self._troubles.append(Trouble(self._now.name, self._now.jobs, time.time()))
        self._now.begin()
        return self._now.name

    def finish(self) -> None:
        """End the present fault, if there is one."""
        if self._now:
            self._now.end()
            self._troubles[-1] = self._troubles[-1]._replace(until=time.time())
            self._now = None
