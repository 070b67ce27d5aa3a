"""Where the time of one transfer goes, phase by phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...clock import SECOND

Now = Callable[[], int]
"""A reading of the run's clock in nanoseconds."""


class Stopwatch:
    """Adds up the phases of one transfer, one phase at a time."""

    def __init__(self, now: Now, phase: str) -> None:
        self._now = now
        self.phase = phase
        self._since = now()
        self._spent: dict[str, int] = {}

    def turn(self, phase: str) -> None:
        """Another phase begins now."""
        self.turn_at(self._now(), phase)

    def turn_at(self, moment: int, phase: str) -> None:
        """Another phase began at `moment`, which is never before the last one."""
        self._spent[self.phase] = self._spent.get(self.phase, 0) + moment - self._since
        self.phase, self._since = phase, moment

    def phases(self) -> Mapping[str, float]:
        """Seconds spent in each phase so far, those that took any time."""
        self.turn(self.phase)
        return {phase: spent / SECOND for phase, spent in self._spent.items() if spent}
