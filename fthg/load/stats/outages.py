"""Outages of a job's target, found in its results (pure).

Failures in a row make an outage: at least IN_A_ROW within no less than a second, or AT_ONCE however
quickly. It begins when the first of them was started, or with the last answer before it, if that is
later, and ends with the first answer after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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


class Failure(NamedTuple):
    """A transfer that the target did not answer; failures sort by their ends."""

    end: int
    job: str
    seq: int
    start: int
    kind: str
    detail: str


class Outage(NamedTuple):
    """A run of failures of one job; moments are readings of the run's clock."""

    job: str
    start: int
    last: int  # when the last of them failed
    end: Optional[int]  # when the target answered again; None: it did not
    kinds: Mapping[str, int]  # how many failed of each, the commonest first
    kind: str = ""  # of the failure that made it an outage
    detail: str = ""  # of the same

    @property
    def failed(self) -> int:
        """The number of transfers that failed."""
        return sum(self.kinds.values())

    @property
    def length(self) -> int:
        """Nanoseconds until it ended; until the last failure if it did not."""
        return (self.last if self.end is None else self.end) - self.start


class OutageList(NamedTuple):
    """The outages of a run, by start, and how many shorter ones there were."""

    listed: tuple[Outage, ...] = ()
    unlisted: int = 0

    def longest(self, most: int) -> OutageList:
        """Return the list shortened to the longest ones."""
        kept = sorted(self.listed, key=_rank, reverse=True)[:most]
        unlisted = self.unlisted + len(self.listed) - len(kept)
        return OutageList(tuple(sorted(kept, key=_begin)), unlisted)


NO_OUTAGES = OutageList()


class Outages:
    """A detector of outages, which takes failures and answers in the order of their ends."""

    def __init__(self) -> None:
        self._answers: dict[str, Optional[int]] = {}  # when the last one of each job came
        self._failing: dict[str, _Failures] = {}  # by job, since its last answer
        self._count = 0  # outages, those under way included
        self._over: list[Outage] = []

    def record(self, result: Result) -> Optional[Outage]:
        """Count one result; return the outage that it begins (`end` None) or ends, else None."""
        if result.outcome == "ok" and not self._failing:  # nearly all
            self._answers[result.job] = result.end
            return None
        answered = is_answered(result)
        if answered is None or result.end is None:
            return None
        if answered:
            return self.answered(result.job, result.end, result.end)
        return self.failed(failure_of(result))

    def answered(self, job: str, first: int, last: int) -> Optional[Outage]:
        """Count answers from one end to another; return the outage that the first of them ends."""
        self._answers[job] = max(last, self._answers.get(job) or last)
        failures = self._failing.pop(job, None)
        if failures is None or not failures.outage:
            return None
        outage = failures.as_outage(job)._replace(end=max(first, failures.last))
        self._over.append(outage)
        if len(self._over) > LISTED:
            self._over.remove(min(self._over, key=_rank))
        return outage

    def failed(self, failure: Failure) -> Optional[Outage]:
        """Count a failure; return the outage that it begins, if it does."""
        failures = self._failing.get(failure.job)
        if failures is None:
            start = max(failure.start, self._answers.get(failure.job) or failure.start)
            failures = self._failing[failure.job] = _Failures(min(start, failure.end))
        if not failures.add(failure):
            return None
        self._count += 1
        return failures.as_outage(failure.job)

    def failing(self, job: str) -> bool:
        """Return True if transfers of a job failed since its last answer."""
        return job in self._failing

    def found(self) -> OutageList:
        """Return all outages until now."""
        still = [each.as_outage(job) for job, each in self._failing.items() if each.outage]
        listed = (*self._over, *still)
        return OutageList(listed, self._count - len(listed)).longest(LISTED)


class _Failures:
    """Failures in a row, which become an outage as soon as there are enough."""

    def __init__(self, start: int) -> None:
        self.outage = False
        self.last = start
        self._start = start
        self._kinds: Counter[str] = Counter()
        self._count = 0
        self._decisive = "", ""  # kind and detail of the one that made them an outage

    def add(self, failure: Failure) -> bool:
        """Count one more; return True if it makes them an outage."""
        self._kinds[failure.kind] += 1
        self._count += 1
        self.last = max(self.last, failure.end)
        if self.outage or not self._enough:
            return False
        self.outage = True
        self._decisive = failure.kind, failure.detail
        return True

    @property
    def _enough(self) -> bool:
        long = self.last - self._start >= SECOND
        return self._count >= AT_ONCE or (self._count >= IN_A_ROW and long)

    def as_outage(self, job: str) -> Outage:
        kinds = dict(self._kinds.most_common())
        return Outage(job, self._start, self.last, None, kinds, *self._decisive)


def gather(parts: Iterable[OutageList]) -> OutageList:
    """Join the outages of several runs: each is an outage of its own."""
    found = list(parts)
    listed = tuple(outage for part in found for outage in part.listed)
    return OutageList(listed, sum(part.unlisted for part in found)).longest(LISTED)


def is_answered(result: Result) -> Optional[bool]:
    """Return True if the target answered, if only to refuse this file; None: unknown."""
    if result.outcome == "ok":
        return True
    if result.outcome != "failed" or result.error in _LOCAL or result.start is None:
        return None
    if result.error == "status":
        return (result.code or 0) < _SERVER_ERROR
    return result.error not in _UNANSWERED


def failure_of(result: Result) -> Failure:
    """Return the failure of a result that was not answered."""
    assert result.start is not None  # noqa: S101 - see is_answered
    assert result.end is not None  # noqa: S101
    detail = result.detail or ""
    return Failure(result.end, result.job, result.seq, result.start, result.error or "", detail)


def _begin(outage: Outage) -> tuple[int, str]:
    return outage.start, outage.job


def _rank(outage: Outage) -> tuple[int, int, str]:
    """Return a key by which the longest are kept, whichever was found first."""
    return outage.length, outage.start, outage.job
