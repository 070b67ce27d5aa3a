"""The comparison of fthg's results with the files that arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .cleaner import Arrival

_EXAMPLES = 20


class Trouble(NamedTuple):
    """A period in which transfers of some jobs may fail; `until` is None while it lasts."""

    name: str
    jobs: frozenset[str]
    since: float  # Unix seconds
    until: Optional[float] = None


class Tally:
    """Matches result lines and arrivals in any order; stores only those without a partner.

    `allowance` is the number of seconds after a trouble in which transfers may still fail.
    """

    def __init__(self, allowance: float) -> None:
        self.outcomes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.arrived = 0
        self.spoiled = 0  # arrived, with other content
        self.arrived_anyway = 0  # arrived though failed for fthg: only the answer was lost
        self.unexplained: list[
            Mapping[str, Any]
        ] = []  # the first of those that failed outside of any trouble
        self.unexplained_count = 0
        self.troubles: list[Trouble] = []
        self._allowance = allowance
        self._ok: set[str] = set()
        self._started: set[str] = set()
        self._early: set[str] = set()

    @property
    def scheduled(self) -> int:
        """Return the number of all results."""
        return sum(self.outcomes.values())

    @property
    def missing(self) -> int:
        """Return the number of transfers that were ok and never arrived."""
        return len(self._ok)

    @property
    def strangers(self) -> int:
        """Return the number of files without a result; a second arrival counts too."""
        return len(self._early)

    def arrive(self, arrival: Arrival) -> None:
        """Record a file that was at the server."""
        self.arrived += 1
        self.spoiled += not arrival.whole
        if arrival.uuid in self._ok:
            self._ok.remove(arrival.uuid)
        elif arrival.uuid in self._started:
            self._started.remove(arrival.uuid)
            self.arrived_anyway += 1
        else:
            self._early.add(arrival.uuid)

    def end(self, result: Mapping[str, Any]) -> None:
        """Record a line of fthg's results file."""
        outcome, uuid = result["outcome"], result["uuid"]
        self.outcomes[outcome] += 1
        if outcome == "ok":
            self._expect(uuid, self._ok)
            return
        if result["error"] is not None:
            self.errors[result["error"]] += 1
        if result["start"] is not None and self._expect(uuid, self._started):
            self.arrived_anyway += 1
        if outcome != "cancelled" and not self._troubled(result):
            self.unexplained_count += 1
            if len(self.unexplained) < _EXAMPLES:
                self.unexplained.append(result)

    def _expect(self, uuid: str, where: set[str]) -> bool:
        """Expect an arrival; return True if it has been recorded already."""
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
