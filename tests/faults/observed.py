"""What was seen of one case, as plain data: the verdict needs nothing else."""

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
"""Name at the server → SHA-256 of what is stored there."""

TARGET, NEIGHBOUR = "target", "neighbour"
"""The job that meets with the fault, and the one that should not notice."""


_SILENT = frozenset(("refused", "unreachable", "connect_timeout", "timeout", "reset", "protocol"))


class Observed(NamedTuple):
    """One run of fthg with a fault in the midst; moments are Unix seconds."""

    files: Mapping[str, str]  # name → SHA-256 of what there was to send
    results: Mapping[str, Sequence[Line]]  # by job
    arrived: Mapping[str, Arrived]  # by job
    summary: Mapping[str, Any]
    began: float  # the fault
    over: float  # the fault: the server is as before
    before: Vitals  # after a warm-up
    after: Vitals  # once the fault was over, and things had settled
    status: Optional[int]  # None: it did not end, and was killed
    said: str  # log and standard error

    @property
    def back_after(self) -> Optional[float]:
        """Seconds from the end of the fault to the first success; None if there was none.

        Zero where what was under way when it ended succeeded before anything new.
        """
        ends = [line["end"] for line in self.results[TARGET] if line["outcome"] == "ok"]
        return min((end - self.over for end in ends if end >= self.over), default=None)

    def count(self, outcome: str, job: str = TARGET) -> int:
        """Lines of that outcome."""
        return sum(line["outcome"] == outcome for line in self.results[job])

    @property
    def most_in_a_row(self) -> int:
        """Failures of the target that followed one another without an answer between them."""
        lines = [line for line in self.results[TARGET] if line["end"] is not None]
        lines.sort(key=lambda line: float(line["end"]))
        unanswered = [line["outcome"] == "failed" and line["error"] in _SILENT for line in lines]
        return max((len([*run]) for failed, run in groupby(unanswered) if failed), default=0)

    @property
    def kinds(self) -> Mapping[str, int]:
        """Error kind → failures of the job under fault, the commonest first."""
        counts: dict[str, int] = {}
        for line in self.results[TARGET]:
            if line["outcome"] == "failed":
                counts[line["error"]] = counts.get(line["error"], 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))


def read_results(path: Path) -> Mapping[str, Sequence[Line]]:
    """The lines of a results file, by job."""
    by_job: dict[str, list[Line]] = {TARGET: [], NEIGHBOUR: []}
    for line in whole_lines(path):
        by_job[line["job"]].append(line)
    return by_job


def whole_lines(path: Path) -> Iterator[Line]:
    """The results in a file that is being written; what a full disk cut off is repeated in it."""
    for text in path.read_bytes().splitlines():
        with suppress(ValueError):
            yield json.loads(text)


def digest(path: Path) -> str:
    """SHA-256 of a file's contents."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
