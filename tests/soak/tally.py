"""Two books of the same transfers, fthg's results and what arrived, and where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .cleaner import Arrival

_EXAMPLES = 20


class Trouble(NamedTuple):
    """A time in which transfers of some jobs may fail; `until` is None while it lasts."""

    name: str
    jobs: frozenset[str]
    since: float  # Unix seconds
    until: Optional[float] = None


class Tally:
    """Takes result lines and arrivals in any order, and keeps only what has no partner yet.

    `allowance` is how many seconds after a trouble a transfer may still fail of it.
    """

    def __init__(self, allowance: float) -> None:
        self.outcomes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.arrived = 0
        self.spoiled = 0  # arrived, with other content
        self.late_fruit = 0  # arrived though fthg calls it failed: only the answer was lost
        self.unexplained: list[Mapping[str, Any]] = []  # the first of those that failed untroubled
        self.unexplained_count = 0
        self.troubles: list[Trouble] = []
        self._allowance = allowance
        self._ok: set[str] = set()
        self._began: set[str] = set()
        self._early: set[str] = set()

    @property
    def scheduled(self) -> int:
        """All results."""
        return sum(self.outcomes.values())

    @property
    def missing(self) -> int:
        """Told as ok, and never seen."""
        return len(self._ok)

    @property
    def strangers(self) -> int:
        """Seen, but never told of; one that came twice counts here too."""
        return len(self._early)

    def arrive(self, arrival: Arrival) -> None:
        """A file was at the server."""
        self.arrived += 1
        self.spoiled += not arrival.whole
        if arrival.uuid in self._ok:
            self._ok.remove(arrival.uuid)
        elif arrival.uuid in self._began:
            self._began.remove(arrival.uuid)
            self.late_fruit += 1
        else:
            self._early.add(arrival.uuid)

    def end(self, result: Mapping[str, Any]) -> None:
        """fthg tells of a transfer, as in its results file."""
        outcome, uuid = result["outcome"], result["uuid"]
        self.outcomes[outcome] += 1
        if outcome == "ok":
            self._expect(uuid, self._ok)
            return
        if result["error"] is not None:
            self.errors[result["error"]] += 1
        if result["start"] is not None and self._expect(uuid, self._began):
            self.late_fruit += 1
        if outcome != "cancelled" and not self._troubled(result):
            self.unexplained_count += 1
            if len(self.unexplained) < _EXAMPLES:
                self.unexplained.append(result)

    def _expect(self, uuid: str, where: set[str]) -> bool:
        """True if it is there already."""
        there = uuid in self._early
        (self._early.discard if there else where.add)(uuid)
        return there

    def _troubled(self, result: Mapping[str, Any]) -> bool:
        since = result["start"] or result["due"]
        until = result["end"] or since
        return any(
            result["job"] in trouble.jobs
            and until >= trouble.since
            and (trouble.until is None or since <= trouble.until + self._allowance)
            for trouble in reversed(self.troubles[-8:])
        )
