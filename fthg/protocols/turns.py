"""Lets other greenlets run while a peer sends without pause."""

from __future__ import annotations

from ..clock import SECOND, Clock, run_loop_once

_LONGEST_TURN = SECOND // 1000


class Turns:
    """Yields to the loop in code that reads for as long as there is data.

    A socket of gevent that has data returns them at once, without a turn for anything else.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now()

    def give(self) -> None:
        """Let the loop handle what is ready if 1 ms has passed since it last did."""
        if self._clock.now() - self._last > _LONGEST_TURN:
            run_loop_once()
            self._last = self._clock.now()
