"""A run's end, read from the results that it left: of one run, or of several together."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import BinaryIO, NamedTuple, Optional, cast

from ..clock import SECOND
from ..errors import StartError
from ..log import Log
from ..log.formats import escape
from ..results.in_order import in_order
from ..results.read import Recorded, Skipped, parse_line, read_lines, read_results
from . import run_intervals as stints
from .plan import Job, Plan, unknown
from .run_intervals import Span, Stint
from .stats.outages import Outages, gather
from .stats.snapshot import JobEnd, Reading, RunEnd
from .stats.tally import Tally

STANDARD_INPUT = "-"

_MOST_JOBS = 1000
_MOST_STINTS = 100_000
_RUNS_NAMED = 3
_OTHERS = 10
_NEVER = 1 << 63
_DUE = re.compile(rb'"due":\s*([0-9]+(?:\.[0-9]+)?)[,}\s]')
_log = Log(__name__)


class Choice(NamedTuple):
    """Which of the results count: all, unless a run or jobs are named."""

    run: Optional[str] = None  # an id
    jobs: Sequence[str] = ()

    def takes(self, found: Recorded) -> bool:
        """True if a result is among them."""
        if self.run is not None and found.run != self.run:
            return False
        return not self.jobs or found.result.job in self.jobs


@dataclass(frozen=True)
class ReadJob(JobEnd):
    """One job whose end was read."""

    busy: Fraction = Fraction(0)  # seconds in which it was dispatching, in all runs

    @property
    def achieved_rate(self) -> float:
        """Files a second."""
        return float(self.metrics.sent / self.busy) if self.busy else 0.0


def read_end(paths: Sequence[str], standard_input: BinaryIO, plan: Plan, choice: Choice) -> RunEnd:
    """The end of the run, or runs, that wrote the files; `-` is standard input.

    `plan` lends jobs by name, for target rates and thresholds, and the limits of the total. Raises
    StartError if a file cannot be read, or none holds a result that is chosen.
    """
    with ExitStack() as stack:
        files = [_opened(path, standard_input, stack) for path in dict.fromkeys(paths)]
        read = _Read(_first_due(files, choice))
        for file in files:
            read.take(file, choice)
    if not len(read.tally):
        raise StartError(f"there is no result{read.unchosen} in {', '.join(paths)}")
    return read.end(paths, plan)


class _Read:
    """What is kept of results: no more for the millionth than for the thousandth."""

    def __init__(self, began: int) -> None:
        self._began = began
        self.tally = Tally(began)
        self._stints: defaultdict[str, dict[str, Stint]] = defaultdict(dict)  # by run, by job
        self._outages = defaultdict[str, Outages](partial(Outages, self._last_end))  # by run
        self._others: set[tuple[str, str]] = set()  # runs and jobs that were not chosen
        self.left_out = 0

    def take(self, file: _File, choice: Choice) -> None:
        """Count all results of a file that are chosen."""
        left_out = Skipped()
        with _named_in_errors(file.path):
            for found in in_order(read_results(file.rewound(), left_out)):
                if choice.takes(found):
                    self._record(found)
                elif len(self._others) < _OTHERS:
                    self._others.add((found.run, found.result.job))
        self.left_out += _tell(file.path, left_out)

    def _record(self, found: Recorded) -> None:
        """Count one result; StartError where there are more jobs or runs than can be true."""
        result = found.result
        if result.job not in self.tally:
            self.tally.add(result.job)
            _check("jobs", len(self.tally), _MOST_JOBS, "--job")
        of_run = self._stints[found.run]
        if result.job not in of_run:
            of_run[result.job] = Stint(result.due)
            _check("runs", len(self._stints) * len(self.tally), _MOST_STINTS, "--run")
        of_run[result.job].record(result)
        self._outages[found.run].record(result)
        self.tally.record(result)

    def _last_end(self, job: str) -> Optional[int]:
        return self.tally.metrics()[job].last_end

    @property
    def unchosen(self) -> str:
        """What there is where nothing is of what was asked for, as a part of a sentence."""
        if not self._others:
            return ""
        runs, jobs = (", ".join(sorted(set(map(escape, names)))) for names in zip(*self._others))
        return f" of what is asked for, but of run {runs} and job {jobs}"

    def end(self, paths: Sequence[str], plan: Plan) -> RunEnd:
        """What they amount to."""
        runs = {run: stints.whole(of_run.values()) for run, of_run in self._stints.items()}
        jobs = [self._job_end(job, runs) for job in self._planned(plan)]
        return RunEnd(
            replace(
                plan,
                run=_named(list(runs)),
                jobs=tuple(end.job for end in jobs),
                results=", ".join(paths),
            ),
            started=self._began,
            ended=max(int(span.end) for span in runs.values()),
            jobs=jobs,
            outages=gather(outages.seen() for outages in self._outages.values()),
            reading=Reading(len(runs), self.left_out, float(stints.covered(runs.values()))),
        )

    def _planned(self, plan: Plan) -> Iterator[Job]:
        """The jobs in the order of the plan, then those that it does not know."""
        for job in plan.jobs:
            if job.name in self.tally:
                yield job
            else:
                _log.warning("no result is of this job: it is not judged", job=job.name)
        known = {job.name for job in plan.jobs}
        yield from (unknown(name) for name in self.tally.metrics() if name not in known)

    def _job_end(self, job: Job, runs: Mapping[str, Span]) -> ReadJob:
        busy = stints.covered(
            stints.dispatching(of_run[job.name], job if job.known else None, runs[run])
            for run, of_run in self._stints.items()
            if job.name in of_run
        )
        return ReadJob(job, self.tally.metrics()[job.name], float(busy), busy=busy)


def _check(what: str, count: int, most: int, option: str) -> None:
    if count > most:
        raise StartError(f"these are the results of too many {what}; {option} takes one of them")


def _named(runs: Sequence[str]) -> str:
    more = len(runs) - _RUNS_NAMED
    return ", ".join(runs[:_RUNS_NAMED]) + (f" and {more} more" if more > 0 else "")


def _tell(path: str, left_out: Skipped) -> int:
    """Warn of what is left out of a file; how many lines that is."""
    for number, reason in left_out.reasons:
        _log.warning("a line is no result: it is left out", detail=f"{path}:{number}: {reason}")
    more = left_out.lines - len(left_out.reasons)
    if more:
        _log.warning("further lines are no results: they are left out", file=path, lines=more)
    if left_out.tail:
        line, size = left_out.tail
        _log.warning("the last line is cut off: it is left out", file=path, line=line, bytes=size)
    return left_out.lines + (left_out.tail is not None)


# --- files that are read twice


class _File(NamedTuple):
    path: str
    content: BinaryIO
    start: int  # where its lines begin

    def rewound(self) -> BinaryIO:
        self.content.seek(self.start)
        return self.content


def _opened(path: str, standard_input: BinaryIO, stack: ExitStack) -> _File:
    """The file, to be closed with the stack; what cannot be read twice is copied to disk."""
    with _named_in_errors(path):
        file = standard_input
        if path != STANDARD_INPUT:
            file = stack.enter_context(open(path, "rb"))  # noqa: SIM115 - it is
        if file.seekable():
            return _File(path, file, file.tell())
        copy = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115
        shutil.copyfileobj(file, copy)
        return _File(path, copy, 0)


@contextmanager
def _named_in_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StartError(f"the results file {path} cannot be read: {error.strerror}") from None


def _first_due(files: Sequence[_File], choice: Choice) -> int:
    """The first due time of all results that are chosen, which stand in the order of their ends."""
    first = _NEVER
    for file in files:
        with _named_in_errors(file.path):
            for line, _ in read_lines(file.rewound()):
                # Most are due later than one before them: that shows without reading all of it.
                match = _DUE.search(line)
                if not match or float(match[1]) * SECOND < first:
                    first = min(first, _due(line, choice))
    return first


def _due(line: bytes, choice: Choice) -> int:
    try:
        found = parse_line(line)
    except ValueError:
        return _NEVER
    return found.result.due if choice.takes(found) else _NEVER
