"""Outages of a job's target, found in its results (pure).

Failures in a row make an outage: at least IN_A_ROW within no less than a second, or AT_ONCE however
quickly. It begins when the first of them was started, or with the last transfer that ended before,
if that is later, and ends with the first that the target answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...errors import HOST_LIMITS
from ...transfer import Result

IN_A_ROW = 5
AT_ONCE = 20
LISTED = 100
"""The most outages of a run that are kept, the longest; the others are counted."""

_SERVER_ERROR = 500  # the first status that says that the server failed
_UNANSWERED = frozenset(
    {
        *("dns", "refused", "unreachable", "connect_timeout", "timeout", "reset", "proxy"),
        *("tls", "host_key", "auth", "protocol", "channel", "remote", "cut"),
    }
)
"""Kinds of failure that do not depend on the file that is sent."""

_LOCAL = frozenset({"no_file", "file", "name", "internal", *HOST_LIMITS})
"""Kinds that say nothing about the target."""


LastEnd = Callable[[str], Optional[int]]
"""Job → a reading of the run's clock."""


class Outage(NamedTuple):
    """A run of failures of one job; moments are readings of the run's clock."""

    job: str
    start: int
    last: int  # when the last of them failed
    end: Optional[int]  # when the target answered again; None: it did not
    kinds: Mapping[str, int]  # how many failed of each, the commonest first

    @property
    def failed(self) -> int:
        """The number of transfers that failed."""
        return sum(self.kinds.values())

    @property
    def length(self) -> int:
        """Nanoseconds until it ended; until the last failure if it did not."""
        return (self.last if self.end is None else self.end) - self.start

    def united(self, other: Outage) -> Outage:
        """Return both as one: it has ended if an answer came after the last failure of either."""
        last = max(self.last, other.last)
        answered = max(self.end or 0, other.end or 0)
        kinds = Counter(self.kinds)
        kinds.update(other.kinds)
        return Outage(
            self.job,
            min(self.start, other.start),
            last,
            answered if answered >= last else None,
            dict(kinds.most_common()),
        )

    def overlaps(self, later: Outage) -> bool:
        """Return True if another of the same job, which began no earlier, is a part of this one."""
        return self.job == later.job and (self.end is None or later.start <= self.end)


class OutageList(NamedTuple):
    """The outages of a run, by start, and how many shorter ones there were."""

    listed: tuple[Outage, ...] = ()
    unlisted: int = 0

    def longest(self, most: int) -> OutageList:
        """Return the list shortened to the longest ones."""
        kept = sorted(self.listed, key=_length, reverse=True)[:most]
        unlisted = self.unlisted + len(self.listed) - len(kept)
        return OutageList(tuple(sorted(kept, key=_start)), unlisted)


NO_OUTAGES = OutageList()


class Outages:
    """A detector of outages, which takes results in the order of their ends.

    While `failing` is empty it needs failed results only. `last_end` returns when a job's last
    transfer before the one being recorded ended, None if there was none; it is called at the first
    failure in a row only.
    """

    def __init__(self, last_end: LastEnd) -> None:
        self._last_end = last_end
        self.failing: dict[str, _Failures] = {}
        """Jobs whose last transfer failed; while there are none, successes need not be recorded."""
        self._count = 0  # outages, those under way included
        self._over: list[Outage] = []

    def record(self, result: Result) -> Optional[Outage]:
        """Count one result; return the outage that it begins (`end` None) or ends, else None."""
        answered = _answered(result)
        if answered is None or result.end is None or result.start is None:
            return None
        if answered:
            return self._ended(result.job, result.end)
        failures = self.failing.get(result.job)
        if failures is None:
            start = max(result.start, self._last_end(result.job) or result.start)
            start = min(start, result.end)
            failures = self.failing[result.job] = _Failures(start)
        return self._failed(failures, result.job, result.end, result.error or "")

    def _open(self) -> Sequence[Outage]:
        """Return those that have not ended."""
        return [
            failures.as_outage(job) for job, failures in self.failing.items() if failures.outage
        ]

    def found(self) -> OutageList:
        """Return all there were until now."""
        listed = (*self._over, *self._open())
        return OutageList(listed, self._count - len(listed)).longest(LISTED)

    def _failed(self, failures: _Failures, job: str, end: int, kind: str) -> Optional[Outage]:
        failures.kinds[kind] += 1
        failures.last = max(failures.last, end)
        if failures.outage or not failures.enough:
            return None
        failures.outage = True
        self._count += 1
        return failures.as_outage(job)

    def _ended(self, job: str, end: int) -> Optional[Outage]:
        failures = self.failing.pop(job, None)
        if failures is None or not failures.outage:
            return None
        outage = failures.as_outage(job)._replace(end=max(end, failures.last))
        self._over.append(outage)
        if len(self._over) > LISTED:
            self._over.remove(min(self._over, key=_length))
        return outage


class _Failures:
    """Failures in a row, which become an outage as soon as there are enough."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.last = start
        self.kinds: Counter[str] = Counter()
        self.outage = False

    @property
    def enough(self) -> bool:
        count = sum(self.kinds.values())
        return count >= AT_ONCE or (count >= IN_A_ROW and self.last - self.start >= SECOND)

    def as_outage(self, job: str) -> Outage:
        return Outage(job, self.start, self.last, None, dict(self.kinds.most_common()))


def gather(parts: Iterable[OutageList]) -> OutageList:
    """Join the outages of several runs: each is an outage of its own."""
    found = list(parts)
    listed = tuple(outage for part in found for outage in part.listed)
    return OutageList(listed, sum(part.unlisted for part in found)).longest(LISTED)


def unite(parts: Iterable[OutageList]) -> OutageList:
    """Join what several processes found in one run: overlapping outages of a job are one."""
    found = list(parts)
    latest: dict[str, Outage] = {}  # by job
    whole: list[Outage] = []
    for outage in sorted((outage for part in found for outage in part.listed), key=_start):
        before = latest.get(outage.job)
        if before and before.overlaps(outage):
            latest[outage.job] = before.united(outage)
            continue
        if before:
            whole.append(before)
        latest[outage.job] = outage
    listed = (*whole, *latest.values())
    return OutageList(listed, sum(part.unlisted for part in found)).longest(LISTED)


def _answered(result: Result) -> Optional[bool]:
    """Return True if the target answered, if only to refuse this file; None: unknown."""
    if result.outcome == "ok":
        return True
    if result.outcome != "failed" or result.error in _LOCAL:
        return None
    if result.error == "status":
        return (result.code or 0) < _SERVER_ERROR
    return result.error not in _UNANSWERED


def _start(outage: Outage) -> int:
    return outage.start


def _length(outage: Outage) -> int:
    return outage.length
