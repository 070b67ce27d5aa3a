"""Where the time of one transfer goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ...clock import SECOND, Clock


class Stopwatch:
    """The phases of one transfer, one after another, measured by the run's clock."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._spent: dict[str, int] = {}
        self._since = 0
        self.phase: Optional[str] = None  # the one that runs now

    def enter(self, phase: Optional[str]) -> None:
        """End the phase that runs and begin another; None: nothing follows."""
        now = self._now()
        if self.phase is not None:
            self._spent[self.phase] = self._spent.get(self.phase, 0) + now - self._since
        self.phase, self._since = phase, now

    def phases(self) -> Mapping[str, float]:
        """Stop, and tell the seconds of each phase there was."""
        self.enter(None)
        return {phase: spent / SECOND for phase, spent in self._spent.items()}
