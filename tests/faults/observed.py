"""The observations of one case, as plain data for the verdict."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Optional

from .vitals import Vitals

Line = Mapping[str, Any]
"""One line of the results file."""

Arrived = Mapping[str, str]
"""Name at the server → SHA-256 of the stored content."""

TARGET, NEIGHBOUR = "target", "neighbour"
"""The job that the fault affects, and the one that it must not affect."""


_SILENT = frozenset(("refused", "unreachable", "connect_timeout", "timeout", "reset", "protocol"))


class Observed(NamedTuple):
    """One run of fthg with a fault in the middle; times are Unix seconds."""

    files: Mapping[str, str]  # name → SHA-256 of the files to send
    results: Mapping[str, Sequence[Line]]  # by job
    arrived: Mapping[str, Arrived]  # by job
    moments: Sequence[float]  # when something of the neighbour arrived, in order
    summary: Mapping[str, Any]
    began: float  # the start of the fault
    over: float  # the end of the fault
    before: Vitals  # after a warm-up
    after: Vitals  # after the fault, once they had settled
    status: Optional[int]  # None: it did not end, and was killed
    ending: Optional[float]  # seconds from the second of two SIGINT to the end
    said: str  # log and standard error

    @property
    def back_after(self) -> Optional[float]:
        """Return the seconds from the end of the fault to the first success; None without one.

        Zero if a transfer that was in progress at the end succeeded before any new one.
        """
        ends = [line["end"] for line in self.results[TARGET] if line["outcome"] == "ok"]
        return min((end - self.over for end in ends if end >= self.over), default=None)

    @property
    def latest(self) -> Optional[float]:
        """Return the greatest lateness of the neighbour, in seconds; None without one."""
        found: Optional[float] = (
            self.summary.get("jobs", {}).get(NEIGHBOUR, {}).get("lateness", {}).get("max")
        )
        return found

    def count(self, outcome: str, job: str = TARGET) -> int:
        """Return the number of lines with this outcome."""
        return sum(line["outcome"] == outcome for line in self.results[job])

    @property
    def most_in_a_row(self) -> int:
        """Return the longest run of the target's failures without an answer in between."""
        lines = [line for line in self.results[TARGET] if line["end"] is not None]
        lines.sort(key=lambda line: float(line["end"]))
        unanswered = [line["outcome"] == "failed" and line["error"] in _SILENT for line in lines]
        return max((len([*run]) for failed, run in groupby(unanswered) if failed), default=0)

    @property
    def kinds(self) -> Mapping[str, int]:
        """Return error kind → failures of the target, the most frequent first."""
        counts: dict[str, int] = {}
        for line in self.results[TARGET]:
            if line["outcome"] == "failed":
                counts[line["error"]] = counts.get(line["error"], 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))


def read_results(path: Path) -> Mapping[str, Sequence[Line]]:
    """Return the lines of a results file, by job."""
    by_job: dict[str, list[Line]] = {TARGET: [], NEIGHBOUR: []}
    for line in whole_lines(path):
        by_job[line["job"]].append(line)
    return by_job


def whole_lines(path: Path) -> Iterator[Line]:
    """Yield the complete results of a file; lines cut by a full disk are repeated in it."""
    for text in path.read_bytes().splitlines():
        with suppress(ValueError):
            line = json.loads(text)
            if "outcome" in line:  # not a standstill
                yield line


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
