"""Measures the phases of one transfer, the same for all protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional

from ..clock import SECOND

Now = Callable[[], int]
"""Reads the run's clock, in nanoseconds."""


class Stopwatch:
    """Adds up the time of each phase of a transfer; one phase runs at a time.

    Every phase that was entered is reported, even if it took 0 ns. The phases of a result so
    depend on what happened, and never on how fine the clock is: a reader may take a missing
    `connecting` for a reused connection.
    """

    __slots__ = ("_since", "_spent", "now", "phase")

    def __init__(self, now: Now, phase: Optional[str] = None) -> None:
        self.phase = phase
        """The phase that runs now; None: none does."""
        self.now = now
        self._since = 0 if phase is None else now()
        self._spent: dict[str, int] = {}

    def enter(self, phase: Optional[str], at: Optional[int] = None) -> None:
        """End the running phase and begin `phase` now, or `at` an earlier reading of the clock.

        `at` must not be before the last change. With None no phase follows.
        """
        if at is None:
            at = self.now()
        ended = self.phase
        if ended is not None:
            spent = self._spent
            spent[ended] = spent.get(ended, 0) + at - self._since
        self.phase = phase
        self._since = at

    def phases(self) -> Mapping[str, float]:
        """Stop, and return the seconds of each phase that was entered, in order of first entry."""
        if self.phase is not None:
            self.enter(None)
        return {phase: spent / SECOND for phase, spent in self._spent.items()}
