"""Finds outages in any number of files, exactly as in one file ordered by ends (pure).

Failures are in a row if there was no answer between them, in whichever file. So each reader of
files reports its failures, and of its answers the ends and numbers, 16 bytes each. They are judged
up to the moment before which nothing more will come. While nothing fails, only the first and
the last of the answers are examined.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ...results.recorded import RecordedStandstill
from ...transfer import Result
from ..stats.outages import Failure, OutageList, Outages, failure_of, gather, is_answered
from .scan import RunAndJob, Standstills

_MOST_FAILURES = 100_000
"""Failures that wait to be judged, about 30 MB: with more, the half that ended first is judged."""

_US = 1000
"""Nanoseconds of a microsecond, to which moments are written."""

_NUMBER_BITS = 63


class Answers(NamedTuple):
    """Some answers of one job in one run."""

    ends: array[int]  # UTC, microseconds
    numbers: array[int]  # of the same arrivals
    first: int  # of the ends
    last: int

    @classmethod
    def of(cls, ends: Sequence[int], numbers: Sequence[int]) -> Answers:
        """Return the answers with these ends and numbers, in any order."""
        return cls(array("q", ends), array("q", numbers), min(ends), max(ends))


class Evidence(NamedTuple):
    """The answers and failures that a reader has found since the last time."""

    until: int  # no later evidence has an earlier end
    answers: Mapping[RunAndJob, Sequence[Answers]]
    failures: Mapping[RunAndJob, Sequence[Failure]]


class EvidenceCollector:
    """Collects the evidence of results about their targets, without what standstills explain."""

    def __init__(self, standstills: Standstills) -> None:
        self._standstills = standstills
        self._answers = defaultdict[RunAndJob, list[Answers]](list)
        self._failures = defaultdict[RunAndJob, list[Failure]](list)
        self._details: dict[str, str] = {}  # equal ones are the same object
        self.count = 0

    def record(self, run: str, slice_: str, results: Sequence[Result]) -> None:
        """Collect the evidence of some results of one job."""
        key = run, results[0].job
        answered = [result for result in results if result.outcome == "ok"]
        if len(answered) < len(results):
            answered += self._failed(key, slice_, results)
        ended = [result for result in answered if result.end is not None]
        if ended:
            ends = [(one.end or 0) // _US for one in ended]
            self._answers[key].append(Answers.of(ends, [one.seq for one in ended]))
        self.count += len(results)

    def _failed(self, key: RunAndJob, slice_: str, results: Sequence[Result]) -> Sequence[Result]:
        """Collect failures; return those that were answers."""
        answers, stood = [], self._standstills.get(key[0], ())
        for result in results:
            if result.outcome == "ok" or result.end is None or _explained(result, slice_, stood):
                continue
            answered = is_answered(result)
            if answered:
                answers.append(result)
            elif answered is False:
                failure = failure_of(result)
                detail = self._details.setdefault(failure.detail, failure.detail)
                self._failures[key].append(failure._replace(detail=detail))
        return answers

    def take(self, until: int) -> Evidence:
        """Return the evidence collected since the last call."""
        evidence = Evidence(until, dict(self._answers), dict(self._failures))
        self._answers.clear()
        self._failures.clear()
        self._details.clear()
        self.count = 0
        return evidence


def _explained(result: Result, slice_: str, stood: Sequence[RecordedStandstill]) -> bool:
    """Return True for a failure that fell into a standstill of its process."""
    return result.error is not None and any(one.explains(result, slice_) for one in stood)


class MergedOutages:
    """The detector for all runs: each has outages of its own."""

    def __init__(self, readers: int) -> None:
        self.until = dict.fromkeys(range(readers), 0)
        self._pending = defaultdict[RunAndJob, _Pending](_Pending)
        self._outages = defaultdict[str, Outages](Outages)  # by run

    def add(self, reader: int, evidence: Evidence) -> None:
        """Add a reader's evidence, and judge what is complete."""
        self.until[reader] = evidence.until
        for key, answers in evidence.answers.items():
            self._pending[key].answers += answers
        for key, failures in evidence.failures.items():
            self._pending[key].failures += failures
        self._judge(min(self.until.values()))

    @property
    def waiting(self) -> int:
        """The answers that wait to be judged."""
        return sum(len(some.ends) for one in self._pending.values() for some in one.answers)

    def found(self) -> OutageList:
        """Return the outages of all runs."""
        return gather(outages.found() for _, outages in sorted(self._outages.items()))

    def _judge(self, until: int) -> None:
        failures = [one.end for pending in self._pending.values() for one in pending.failures]
        if len(failures) > _MOST_FAILURES:
            until = max(until, sorted(failures)[len(failures) // 2])
        for key, pending in list(self._pending.items()):
            pending.judge(key[1], until, self._outages[key[0]])
            if not pending.answers and not pending.failures:
                del self._pending[key]


class _Pending:
    """The answers and failures of one job in one run that are not judged yet."""

    def __init__(self) -> None:
        self.answers: list[Answers] = []
        self.failures: list[Failure] = []

    def judge(self, job: str, until: int, outages: Outages) -> None:
        """Judge what ended before a moment."""
        failures = sorted(one for one in self.failures if one.end < until)
        self.failures = [one for one in self.failures if one.end >= until]
        if failures or outages.failing(job):
            _judge_all(job, failures, self._take(until // _US), outages)
            return
        whole = [some for some in self.answers if some.last < until // _US]
        if whole:
            self.answers = [some for some in self.answers if some.last >= until // _US]
            first, last = min(some.first for some in whole), max(some.last for some in whole)
            outages.answered(job, first * _US, last * _US)

    def _take(self, until: int) -> Sequence[Answers]:
        """Remove and return the answers before a moment."""
        taken, left = [], []
        for some in self.answers:
            if some.first < until <= some.last:
                pairs = list(zip(some.ends, some.numbers))
                taken.append(Answers.of(*zip(*[pair for pair in pairs if pair[0] < until])))
                left.append(Answers.of(*zip(*[pair for pair in pairs if pair[0] >= until])))
            else:
                (taken if some.last < until else left).append(some)
        self.answers = left
        return taken


def _judge_all(
    job: str, failures: Sequence[Failure], answers: Sequence[Answers], outages: Outages
) -> None:
    """Judge failures in order, and answers in any."""
    ends = sorted(chain.from_iterable(some.ends for some in answers))
    bits = 0
    if not {failure.end // _US for failure in failures}.isdisjoint(ends):
        bits = _NUMBER_BITS  # at the same time the lower number is first
        pairs = chain.from_iterable(zip(some.ends, some.numbers) for some in answers)
        ends = sorted((end << bits) + number for end, number in pairs)
    before = 0
    for failure in failures:
        end = failure.end // _US
        after = bisect_left(ends, (end << bits) + failure.seq if bits else end, before)
        if after > before:
            outages.answered(job, (ends[before] >> bits) * _US, (ends[after - 1] >> bits) * _US)
        outages.failed(failure)
        before = after
    if before < len(ends):
        outages.answered(job, (ends[before] >> bits) * _US, (ends[-1] >> bits) * _US)
