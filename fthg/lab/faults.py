"""The delays and faults of uploads at ingress, over all protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional

from ..clock import Clock
from .dice import Dice, Spread
from .passage import Counts
from .waiting import pause

_CHECK_INTERVAL = 0.2  # seconds


class Faults:
    """The delay and the fault of each upload, at random."""

    def __init__(
        self,
        clock: Clock,
        dice: Dice,
        counts: Counts,
        delay: Spread,
        shares: Mapping[str, float],
    ) -> None:
        """Draw from `shares`, the shares of the faults `refuse`, `cut` and `hang`."""
        self.counts = counts
        self._clock = clock
        self._dice = dice
        self._delay = delay
        self._shares = shares

    def draw(self) -> Optional[str]:
        """Wait for the delay; return the fault of this upload, None for most."""
        fault = self._dice.which(self._shares)
        pause(self._clock, self._dice.between(self._delay))
        return fault

    def hang_while(self, connected: Callable[[], bool]) -> None:
        """Wait until the client is gone."""
        while connected():
            pause(self._clock, _CHECK_INTERVAL)
