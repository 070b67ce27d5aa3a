"""Scans files for the facts that must be known before any result is counted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from ...clock import SECOND
from ...results.in_order import place
from ...results.read import parse_line
from ...results.recorded import Recorded, RecordedStandstill
from ...results.reread import Rereadable
from ...results.strict import parse_standstill
from ...standstill import LISTED
from .choice import Choice

NEVER = 1 << 70
_DUE = re.compile(rb'"due":\s*([0-9]+(?:\.[0-9]+)?)[,}\s]')
_END = re.compile(rb'"end":\s*([0-9]+(?:\.[0-9]+)?)[,}\s]')
_WHOSE = re.compile(rb'\{"run":"[^"]*","job":"[^"]*",')

RunAndJob = tuple[str, str]


@dataclass
class Scanned:
    """The facts of one file, or of several, before their results are counted."""

    first: int = NEVER  # due time of those that are chosen
    standstills: dict[str, list[RecordedStandstill]] = field(default_factory=dict)  # by run
    firsts: dict[RunAndJob, Recorded] = field(default_factory=dict)  # to end, of staged jobs

    def merge(self, other: Scanned) -> None:
        """Add the facts of another scan."""
        self.first = min(self.first, other.first)
        for run, some in other.standstills.items():
            both = [*self.standstills.get(run, ()), *some]
            self.standstills[run] = nlargest(LISTED, both, key=_length)
        for found in other.firsts.values():
            self.ended_first(found)

    def ended_first(self, found: Recorded) -> None:
        """Record a result of a staged job if it is the first of them to end."""
        key = found.run, found.result.job
        known = self.firsts.get(key)
        if known is None or place(found) < place(known):
            self.firsts[key] = found


Standstills = Mapping[str, Sequence[RecordedStandstill]]
"""Those of each run, the longest, by its id."""


def scan(file: Rereadable, choice: Choice, staged: Collection[str]) -> Scanned:
    """Find the first due time of the chosen results of a file, which are in the order of their
    ends, and the standstills, which come after the results that they explain.

    `staged` are the names of the jobs with stages.
    """
    found, standstills = Scanned(), defaultdict[str, list[RecordedStandstill]](list)
    reached: dict[bytes, float] = {}  # of staged jobs: the first end so far
    for line, _ in file.lines():
        # Most are due later than one before them, which is seen without parsing the line.
        match = _DUE.search(line)
        standstill = None if match else parse_standstill(line)
        if standstill:
            standstills[standstill.run].append(standstill)
        elif not match or float(match[1]) * SECOND < found.first:
            _take(line, found, choice, staged)
        elif staged:
            _take_if_first(line, float(match[1]), reached, found, choice, staged)
    found.merge(Scanned(standstills=standstills))
    return found


def _take(line: bytes, found: Scanned, choice: Choice, staged: Collection[str]) -> bool:
    """Take a line into account; return False if it is no result."""
    try:
        one = parse_line(line)
    except ValueError:
        return False
    if choice.takes(one):
        found.first = min(found.first, one.result.due)
        if one.result.job in staged:
            found.ended_first(one)
    return True


def _take_if_first(
    line: bytes,
    due: float,
    reached: dict[bytes, float],
    found: Scanned,
    choice: Choice,
    staged: Collection[str],
) -> None:
    """Take a line into account unless a result of the same run and job ended before."""
    whose, match = _WHOSE.match(line), _END.search(line)
    key, end = whose[0] if whose else b"", float(match[1]) if match else due
    if end <= reached.get(key, NEVER) and _take(line, found, choice, staged) and key:
        reached[key] = end


def _length(found: RecordedStandstill) -> int:
    return found.standstill.length
