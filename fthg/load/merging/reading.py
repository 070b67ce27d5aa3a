"""Reads results of files in one process: by blocks, or one by one in the order of their ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import NamedTuple

from ...results.in_order import WINDOW, Source, merged
from ...results.read import Skipped
from ...results.recorded import Recorded
from ...results.reread import Rereadable
from ...transfer import Result
from ..outputs.relay import HandOn
from .choice import Choice
from .counting import Counter
from .numbers import Numbers
from .outages import Evidence
from .scan import NEVER, RunAndJob

_LINES = 200_000
"""Lines that are in memory at once, of all files together …"""

_MOST, _LEAST = 2000, 20  # … and of each

_AT_ONCE = 10_000  # results whose evidence is judged at once

_OTHERS = 10  # runs and jobs that were not chosen and are named, where nothing is chosen


class Chosen:
    """The results of files that are chosen."""

    def __init__(self, files: Sequence[Rereadable], choice: Choice) -> None:
        self.left_out = {file.path: Skipped() for file in files}
        self.others: set[RunAndJob] = set()  # some that were not chosen
        self._choice = choice
        self._lines = max(_LEAST, min(_MOST, _LINES // max(1, len(files))))

    def blocks(self, file: Rereadable) -> Iterator[Sequence[Recorded]]:
        """Yield those of one file, many at once."""
        for block in file.blocks(self.left_out[file.path], self._lines):
            yield block if self._choice.takes_all else self._of(block)

    def _of(self, block: Sequence[Recorded]) -> Sequence[Recorded]:
        taken = [found for found in block if self._choice.takes(found)]
        if len(taken) < len(block):
            others = ((one.run, one.result.job) for one in block if not self._choice.takes(one))
            self.others.update(islice(others, max(0, _OTHERS - len(self.others))))
        return taken


class _Reached(NamedTuple):
    """The position in one file: no later line of it has an earlier end."""

    until: int
    number: int  # of the file
    blocks: Iterator[Sequence[Recorded]]


def count_blocks(
    files: Sequence[tuple[Rereadable, int]], chosen: Chosen, counter: Counter
) -> Iterator[Evidence]:
    """Count the results of files, given the first due time of each; yield the evidence of outages.

    The file that is furthest behind is read next, so that little evidence waits. It ends early
    where an arrival has two lines: which of them counts is known in the order of their ends only.
    """
    reached = [
        _Reached(first, number, chosen.blocks(file)) for number, (file, first) in enumerate(files)
    ]
    heapify(reached)
    while reached and not counter.counted.twice:
        until, number, blocks = heappop(reached)
        block = next(blocks, None)
        if block is not None:
            counter.count(block)
            ends = [_ended(found.result) for found in block]
            heappush(
                reached, _Reached(max([until, *(end - WINDOW for end in ends)]), number, blocks)
            )
        if counter.evidence.count >= _AT_ONCE and reached:
            yield counter.evidence.take(reached[0].until)
    counter.finish()
    yield counter.evidence.take(NEVER)


def count_in_order(
    files: Sequence[tuple[Rereadable, int]], chosen: Chosen, counter: Counter, hand_on: HandOn
) -> Iterator[Evidence]:
    """Count the results of files as `count_blocks`, one by one: of each arrival the first to end.

    Every one goes to `hand_on`, too.
    """
    sources = [Source(first, _one_by_one(file, chosen)) for file, first in files]
    ordered, once = merged(sources), _FirstResults()
    while batch := list(islice(ordered, _AT_ONCE)):
        first = [found for found in batch if once.is_first(found)]
        counter.count(first)
        for found in first:
            hand_on((found.result,))
        # Those of a file whose order is worse than its window come late.
        yield counter.evidence.take(_ended(batch[-1].result))
    counter.finish()
    counter.counted.twice = once.twice
    yield counter.evidence.take(NEVER)


class _FirstResults:
    """Finds the results of arrivals that had one before."""

    def __init__(self) -> None:
        self._numbers: dict[RunAndJob, Numbers] = {}
        self.twice = 0

    def is_first(self, found: Recorded) -> bool:
        """Return True if a result is the first of its arrival; count it otherwise."""
        key = found.run, found.result.job
        again = self._numbers.setdefault(key, Numbers()).add((found.result.seq,))
        self.twice += again
        return not again


def _one_by_one(file: Rereadable, chosen: Chosen) -> Iterator[Recorded]:
    for block in chosen.blocks(file):
        yield from block


def _ended(result: Result) -> int:
    return result.due if result.end is None else result.end
