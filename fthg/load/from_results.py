"""Results files → the snapshot of the run, or of the runs together, that wrote them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from fnmatch import fnmatchcase
from heapq import nlargest
from typing import BinaryIO, NamedTuple, Optional

from ..clock import SECOND
from ..errors import StartError
from ..log import Log
from ..results.in_order import Source, merged
from ..results.read import (
    Recorded,
    RecordedStandstill,
    Skipped,
    parse_line,
    parse_standstill,
    read_lines,
    read_results,
)
from ..results.reread import Rereadable, named_in_errors, open_twice
from ..standstill import LISTED, Standstill, joined
from ..text import escape
from . import run_intervals
from .expected import dispatch_seconds
from .outputs.relay import HandOn
from .plan import Job, Plan, unknown
from .read_job import ReadJob, read_job
from .recorded_stages import RecordedStages
from .run_intervals import RunInterval, Span
from .stats.outages import Outages, gather
from .stats.snapshot import Reading, RunSnapshot
from .stats.tally import Tally

_MOST_JOBS = 10_000  # as rows of a table
_MOST_INTERVALS = 100_000
_RUNS_NAMED = 3
_OTHERS = 10
_NEVER = 1 << 63
_DUE = re.compile(rb'"due":\s*([0-9]+(?:\.[0-9]+)?)[,}\s]')
_log = Log(__name__)


class Choice(NamedTuple):
    """The run and the jobs whose results count: all, unless some are named."""

    run: Optional[str] = None  # an id
    jobs: Sequence[str] = ()  # names, or patterns for them

    def takes(self, found: Recorded) -> bool:
        """True if a result is among them."""
        if self.run is not None and found.run != self.run:
            return False
        job = found.result.job
        return not self.jobs or any(fnmatchcase(job, pattern) for pattern in self.jobs)


def summarize_results(
    paths: Sequence[str],
    standard_input: BinaryIO,
    plan: Plan,
    choice: Choice,
    record: HandOn = lambda _: None,
) -> RunSnapshot:
    """Return the final snapshot of the run, or runs, that wrote the files; `-` is standard input.

    `plan` lends jobs by name, for target rates and thresholds, and the limits of the total; every
    chosen result goes to `record`, too. Raises StartError if a file cannot be read, or none holds
    a result that is chosen.
    """
    with ExitStack() as stack:
        files = [open_twice(path, standard_input, stack) for path in dict.fromkeys(paths)]
        firsts, standstills = _first_pass(files, choice)
        summary = _Summary(min(firsts.values()), standstills, plan, record)
        summary.take(firsts, choice)
    if not len(summary.tally):
        raise StartError(f"there is no result{summary.unchosen} in {', '.join(paths)}")
    return summary.snapshot(paths)


Standstills = Mapping[str, Sequence[RecordedStandstill]]
"""Those of each run, the longest, by its id."""


def _first_pass(
    files: Sequence[Rereadable], choice: Choice
) -> tuple[Mapping[Rereadable, int], Standstills]:
    """Return the first due time of the chosen results of each file, which are in the order of
    their ends, and the standstills, which come after the results that they explain."""
    found = defaultdict[str, list[RecordedStandstill]](list)
    firsts = {file: _first_due(file, choice, found) for file in files}
    return firsts, {run: nlargest(LISTED, some, key=_length) for run, some in found.items()}


def _length(found: RecordedStandstill) -> int:
    return found.standstill.length


def _first_due(file: Rereadable, choice: Choice, found: dict[str, list[RecordedStandstill]]) -> int:
    first = _NEVER
    with named_in_errors(file.path):
        for line, _ in read_lines(file.rewound()):
            # Most are due later than one before them, which is seen without parsing the line.
            match = _DUE.search(line)
            standstill = None if match else parse_standstill(line)
            if standstill:
                found[standstill.run].append(standstill)
            elif not match or float(match[1]) * SECOND < first:
                first = min(first, _due(line, choice))
    return first


def _due(line: bytes, choice: Choice) -> int:
    try:
        found = parse_line(line)
    except ValueError:
        return _NEVER
    return found.result.due if choice.takes(found) else _NEVER


class _Summary:
    """Aggregates any number of results in constant memory."""

    def __init__(self, began: int, standstills: Standstills, plan: Plan, record: HandOn) -> None:
        self._began = began
        self._plan = plan
        self._known = {job.name: job for job in plan.jobs}
        self._standstills = standstills
        self._hand_on = record
        self.tally = Tally(began)
        self._intervals: defaultdict[str, dict[str, RunInterval]] = defaultdict(dict)  # run → job
        self._outages = defaultdict[str, Outages](Outages)  # by run
        self._others: set[tuple[str, str]] = set()  # runs and jobs that were not chosen
        self.left_out = 0

    def take(self, files: Mapping[Rereadable, int], choice: Choice) -> None:
        """Count all results that are chosen, of files with their first due times."""
        left_out = {file: Skipped() for file in files}
        sources = [
            Source(first, self._chosen(file, choice, left_out[file]))
            for file, first in files.items()
        ]
        for found in merged(sources):
            self._record(found)
        self.left_out = sum(_warn(file.path, left_out[file]) for file in files)

    def _chosen(self, file: Rereadable, choice: Choice, left_out: Skipped) -> Iterator[Recorded]:
        with named_in_errors(file.path):
            for found in read_results(file.rewound(), left_out):
                if choice.takes(found):
                    yield found
                elif len(self._others) < _OTHERS:
                    self._others.add((found.run, found.result.job))

    def _record(self, found: Recorded) -> None:
        """Count one result; StartError where there are more jobs or runs than can be true."""
        result = found.result
        if result.job not in self.tally:
            self.tally.add(result.job)
            _check_count("jobs", len(self.tally), _MOST_JOBS, "--job")
        of_run = self._intervals[found.run]
        if result.job not in of_run:
            of_run[result.job] = RunInterval(result.due, stages=self._stages_of(found))
            _check_count("runs", len(self._intervals) * len(self.tally), _MOST_INTERVALS, "--run")
        of_run[result.job].record(result)
        if not self._stood_still(found):
            self._outages[found.run].record(result)
        self.tally.record(result)
        self._hand_on((result,))

    def _stages_of(self, first: Recorded) -> Optional[RecordedStages]:
        job = self._known.get(first.result.job)
        if job is None or not job.pacer.stages:
            return None
        drawn = replace(job, pacer=job.pacer.in_run(first.run))
        return RecordedStages(drawn, first.result, dispatch_seconds(job, self._plan))

    def _stood_still(self, found: Recorded) -> bool:
        """Return True for a failure that fell into a standstill of its process."""
        if not found.result.error:
            return False
        return any(one.explains(found.result) for one in self._standstills.get(found.run, ()))

    @property
    def unchosen(self) -> str:
        """The runs and jobs that there are in place of the chosen ones, as a part of a sentence."""
        if not self._others:
            return ""
        runs, jobs = (", ".join(sorted(set(map(escape, names)))) for names in zip(*self._others))
        return f" of what is asked for, but of run {runs} and job {jobs}"

    def snapshot(self, paths: Sequence[str]) -> RunSnapshot:
        """Return the totals of all that was taken."""
        runs = {
            run: run_intervals.whole(of_run.values()) for run, of_run in self._intervals.items()
        }
        jobs = [self._job(job, runs) for job in self._planned()]
        seconds = float(run_intervals.covered(runs.values()))
        return RunSnapshot(
            replace(self._plan, run=_named(list(runs)), jobs=tuple(job.job for job in jobs)),
            started=self._began,
            ended=max(int(span.end) for span in runs.values()),
            jobs=jobs,
            outages=gather(outages.found() for outages in self._outages.values()),
            standstills=sorted(one for run in runs for one in self._standstills_of(run)),
            reading=Reading(", ".join(paths), len(runs), self.left_out, seconds),
        )

    def _standstills_of(self, run: str) -> Sequence[Standstill]:
        return joined(one.standstill for one in self._standstills.get(run, ()))

    def _planned(self) -> Iterator[Job]:
        """Yield the jobs in the order of the plan, then those that it does not know."""
        for job in self._known.values():
            if job.name in self.tally:
                yield job
            else:
                _log.warning("no result is of this job: it is not judged", job=job.name)
        yield from (unknown(name) for name in self.tally.metrics() if name not in self._known)

    def _job(self, job: Job, runs: Mapping[str, Span]) -> ReadJob:
        mine = {run: of[job.name] for run, of in self._intervals.items() if job.name in of}
        return read_job(job, self.tally.metrics()[job.name], mine, runs)


def _check_count(what: str, count: int, most: int, option: str) -> None:
    if count > most:
        raise StartError(f"these are the results of too many {what}; {option} takes one of them")


def _named(runs: Sequence[str]) -> str:
    more = len(runs) - _RUNS_NAMED
    return ", ".join(runs[:_RUNS_NAMED]) + (f" and {more} more" if more > 0 else "")


def _warn(path: str, left_out: Skipped) -> int:
    """Warn of the lines that are left out of a file; return their number."""
    for number, reason in left_out.reasons:
        _log.warning("a line is no result: it is left out", detail=f"{path}:{number}: {reason}")
    more = left_out.lines - len(left_out.reasons)
    if more:
        _log.warning("further lines are no results: they are left out", file=path, lines=more)
    if left_out.tail:
        line, size = left_out.tail
        _log.warning("the last line is cut off: it is left out", file=path, line=line, bytes=size)
    return left_out.lines + (left_out.tail is not None)
