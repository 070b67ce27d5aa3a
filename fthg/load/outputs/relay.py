"""The way of results from the process that sends to outputs of the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...transfer import Result
from ..plan import Plan
from .output import Output, Surroundings

HandOn = Callable[[Sequence[Result]], object]
"""Takes results, in the order in which they are known."""


class Relay(Output):
    """Hands results on as they come."""

    def __init__(self, hand_on: HandOn) -> None:
        self._hand_on = hand_on

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> None:
        """Return nothing: no plan asks for a relay."""

    def record(self, results: Sequence[Result]) -> None:
        """Hand them on."""
        self._hand_on(results)
