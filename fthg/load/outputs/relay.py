"""The way of results from the process that sends to outputs of the whole run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...transfer import Result
from ..plan import Plan
from .output import Output, Surroundings

HandOn = Callable[[Sequence[Result]], object]
"""Takes results, in the order in which they are known."""

_MOST = 16 * 1024 * 1024
_SIZE = 1024  # bytes of memory for a result, without its texts


class Relay(Output):
    """Hands results on as they come."""

    def __init__(self, hand_on: HandOn) -> None:
        self._hand_on = hand_on

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> None:
        """Return nothing: no plan asks for a relay."""

    def record(self, results: Sequence[Result]) -> None:
        """Pass them on."""
        self._hand_on(results)


class Backlog:
    """Results that wait for the next report: at most 16 MiB, as the parent may take none for long.

    Further ones are counted, and lost to the outputs of the whole run alone.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._results: list[Result] = []
        self._size = 0
        self._lost = 0
        self._lost_before = 0  # until the last time they were taken

    def add(self, results: Sequence[Result]) -> None:
        """Queue results, if there is room."""
        for result in results:
            size = _SIZE + len(result.detail or "") + len(result.name or "")
            if self._size + size > self._most:
                self._lost += 1
            else:
                self._size += size
                self._results.append(result)

    def take(self) -> tuple[Sequence[Result], int]:
        """Return the results that wait, and how many were lost since the last time."""
        results, self._results, self._size = self._results, [], 0
        lost, self._lost_before = self._lost - self._lost_before, self._lost
        return results, lost

    @property
    def errors(self) -> Sequence[str]:
        """A message if results were lost for the outputs of the whole run."""
        if not self._lost:
            return []
        return [f"{self._lost} results of a worker were lost: its parent took none for too long"]
