"""Waiting by the lab's clock."""

from __future__ import annotations

from ..clock import SECOND, Clock


def pause(clock: Clock, seconds: float) -> None:
    """Let others run for some seconds; 0 gives each of them one turn."""
    clock.sleep_until(clock.now() + round(seconds * SECOND))
