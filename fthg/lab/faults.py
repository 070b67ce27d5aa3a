"""What befalls uploads at ingress, whatever protocol brings them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import gevent

from .dice import Dice, Spread
from .passage import Counts


class Faults:
    """The delay and the faults that the dice have for each upload."""

    def __init__(
        self, dice: Dice, counts: Counts, delay: Spread, fates: Mapping[str, float]
    ) -> None:
        """`fates` are the shares of `refuse`, `cut` and `hang`."""
        self.counts = counts
        self._dice = dice
        self._delay = delay
        self._fates = fates

    def strike(self) -> Optional[str]:
        """Wait the delay; return the fate of this upload, None for most."""
        fate = self._dice.which(self._fates)
        gevent.sleep(self._dice.between(self._delay))
        return fate
