"""Finds outages of a run in several processes, exactly those that one process would find (pure).

Failures are in a row if no worker had an answer between them, so the parent needs the order of
both, over all workers. A worker cannot know which of its answers lie between the failures of
others. So it reports its failures, and the ends of all its answers as blocks of 8 bytes each, which
cost next to nothing: while nothing fails the parent looks at the first and last of a block only;
where something fails it sorts the blocks (each is sorted already) and finds, for each failure,
whether there was an answer since the one before.

It judges up to the moment up to which all workers have reported. Answers that ended at the same
nanosecond as a failure count as before it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, Optional

from ...clock import SECOND
from ...transfer import Result
from .outages import Failure, Outage, OutageList, Outages, failure_of, is_answered

MAX_LAG = 20 * SECOND
"""The most that one worker may lag behind the others, until they are judged without it: its later
reports count from then on. It bounds the memory that a stopped process costs the parent."""

_END = 1 << 63

_MS = SECOND // 1000

_ANSWERS = 1 << 16
"""The most ends of answers of a job that wait for a report: half a MiB."""

_FAILURES = 20_000
"""The most failures that do: about 10 MiB."""


class Evidence(NamedTuple):
    """The answers and failures that one worker has had between two reports."""

    until: int  # a reading of the run's clock: no later report has an earlier end
    answers: Mapping[str, array[int]]  # job → ends, in order
    failures: Sequence[Failure]


class EvidenceCollector:
    """Collects a worker's evidence from its results, which come in the order of their ends.

    It stays small while nobody takes it: of too many answers those are left out that lie close
    between two others, first within a millisecond, and failures beyond a number are only counted.
    """

    def __init__(self, most_answers: int = _ANSWERS, most_failures: int = _FAILURES) -> None:
        self._most_answers = most_answers
        self._most_failures = most_failures
        self._lost = 0
        self._gap = 0  # between three answers, of which the middle one is left out
        self._answers: defaultdict[str, array[int]] = defaultdict(_no_ends)
        self._failures: list[Failure] = []
        self._details: dict[str, str] = {}  # equal ones are the same object, so sent once

    def record(self, results: Sequence[Result]) -> None:
        """Collect the evidence of some results."""
        for result in results:
            answered = is_answered(result)
            if answered is None or result.end is None:
                continue
            if answered:
                ends = self._answers[result.job]
                _add(ends, result.end, self._gap)
                if len(ends) > self._most_answers:
                    self._thin_out()
            elif len(self._failures) >= self._most_failures:
                self._lost += 1
            else:
                failure = failure_of(result)
                detail = self._details.setdefault(failure.detail, failure.detail)
                self._failures.append(failure._replace(detail=detail))

    def _thin_out(self) -> None:
        while max(map(len, self._answers.values())) > self._most_answers // 2:
            self._gap = 2 * self._gap or _MS
            for job, ends in self._answers.items():
                kept = _no_ends()
                for end in ends:
                    _add(kept, end, self._gap)
                self._answers[job] = kept

    def take(self, now: int) -> tuple[Evidence, int]:
        """Return the evidence since the last call, and how many failures were left out."""
        evidence = Evidence(now, dict(self._answers), self._failures)
        lost, self._lost, self._gap = self._lost, 0, 0
        self._answers.clear()
        self._failures = []
        self._details.clear()
        return evidence, lost


class JoinedOutages:
    """The detector of the parent."""

    def __init__(self, workers: int) -> None:
        self._until = dict.fromkeys(range(workers), 0)
        self._answers: defaultdict[str, list[array[int]]] = defaultdict(list)  # not judged yet
        self._failures: list[Failure] = []  # neither
        self._outages = Outages()

    def add(self, worker: int, evidence: Evidence) -> Sequence[Outage]:
        """Add a report; return the outages that are known to have begun (`end` None) or ended."""
        self._until[worker] = evidence.until
        self._failures += evidence.failures
        for job, ends in evidence.answers.items():
            self._answers[job].append(ends)
        return self._judge()

    def leave(self, worker: int) -> Sequence[Outage]:
        """Expect no more reports of a worker; return outages as `add` does."""
        self._until.pop(worker, None)
        return self._judge()

    def found(self) -> OutageList:
        """Return all outages until the moment up to which all workers have reported."""
        return self._outages.found()

    def _judge(self) -> Sequence[Outage]:
        until = self._known_until()
        due: defaultdict[str, list[Failure]] = defaultdict(list)
        if self._failures:
            for failure in sorted(each for each in self._failures if each.end < until):
                due[failure.job].append(failure)
            self._failures = [failure for failure in self._failures if failure.end >= until]
        jobs = dict.fromkeys((*self._answers, *due))
        changes = [self._judge_job(job, due[job], self._take_answers(job, until)) for job in jobs]
        return [outage for of_job in changes for outage in of_job if outage]

    def _known_until(self) -> int:
        newest = max(self._until.values(), default=_END)
        return max(min(self._until.values(), default=_END), newest - MAX_LAG)

    def _take_answers(self, job: str, until: int) -> Sequence[array[int]]:
        """Remove and return the ends before a moment, block by block."""
        taken, left = [], []
        for ends in self._answers[job]:
            cut = bisect_left(ends, until)
            taken += [ends[:cut]] if cut else []
            left += [ends[cut:]] if cut < len(ends) else []
        self._answers[job] = left
        return taken

    def _judge_job(
        self, job: str, failures: Sequence[Failure], blocks: Sequence[array[int]]
    ) -> Iterator[Optional[Outage]]:
        if failures:
            ends = sorted(chain.from_iterable(blocks))
        else:
            ends = (
                [min(block[0] for block in blocks), max(block[-1] for block in blocks)]
                if blocks
                else []
            )
        before = 0
        for failure in failures:
            after = bisect_right(ends, failure.end, before)
            if after > before:
                yield self._outages.answered(job, ends[before], ends[after - 1])
            yield self._outages.failed(failure)
            before = after
        if before < len(ends):
            yield self._outages.answered(job, ends[before], ends[-1])


def _no_ends() -> array[int]:
    return array("q")


def _add(ends: array[int], end: int, gap: int) -> None:
    """Add an end; if it is so close after the last but one, instead of the last one."""
    if gap and len(ends) > 1 and end - ends[-2] < gap:
        ends[-1] = end
    else:
        ends.append(end)
