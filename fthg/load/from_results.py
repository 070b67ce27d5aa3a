"""Results files → the snapshot of the run, or of the runs together, that wrote them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO, Optional

from ..errors import StartError
from ..log import Log
from ..results.read import Skipped
from ..results.reread import rereadable
from ..standstill import Standstill, joined
from ..text import escape
from . import run_intervals
from .merging.choice import Choice
from .merging.merge import Merged, merge
from .merging.missing import count_missing, divided_differently, incomplete
from .merging.scan import RunAndJob
from .outputs.relay import HandOn
from .plan import Job, Plan, unknown
from .read_job import ReadJob, read_job
from .stats.metrics import Metrics
from .stats.snapshot import IncompleteSlice, Reading, RunSnapshot

__all__ = ["Choice", "summarize_results"]

_RUNS_NAMED = 3
_log = Log(__name__)


def summarize_results(
    paths: Sequence[str],
    standard_input: BinaryIO,
    plan: Plan,
    choice: Choice,
    record: Optional[HandOn] = None,
) -> RunSnapshot:
    """Return the final snapshot of the run, or runs, that wrote the files; `-` is standard input.

    `plan` lends jobs by name, for target rates and thresholds, and the limits of the total; every
    chosen result goes to `record`, too, in the order of their ends. Raises StartError if a file
    cannot be read, or none holds a result that is chosen.
    """
    with ExitStack() as stack:
        files = rereadable(paths, standard_input, stack)
        found = merge(files, plan, choice, record)
    left_out = sum(_warn(file.path, found.left_out[file.path]) for file in files)
    if not found.counted.metrics:
        raise StartError(f"there is no result{_unchosen(found.others)} in {', '.join(paths)}")
    return _Snapshot(found, plan).of(", ".join(paths), left_out)


class _Snapshot:
    """Makes the snapshot of what was merged."""

    def __init__(self, found: Merged, plan: Plan) -> None:
        self._found = found
        self._counted = found.counted
        self._plan = plan
        intervals = found.counted.intervals
        spans = {run: run_intervals.whole(of_run.values()) for run, of_run in intervals.items()}
        self._runs = dict(sorted(spans.items(), key=lambda item: (item[1].start, item[0])))

    def of(self, paths: str, left_out: int) -> RunSnapshot:
        """Return it, of files of which some lines are left out."""
        planned, counted = list(self._planned()), self._counted
        jobs = [self._job(job) for job in planned]
        self._warn_of_silent({job.name for job in planned})
        self._warn_of_divisions()
        return RunSnapshot(
            replace(self._plan, run=_named(list(self._runs)), jobs=tuple(job.job for job in jobs)),
            started=self._found.basis.began,
            ended=max(int(span.end) for span in self._runs.values()),
            jobs=jobs,
            outages=self._found.outages,
            standstills=sorted(one for run in self._runs for one in self._standstills_of(run)),
            reading=Reading(
                paths,
                len(self._runs),
                left_out,
                float(run_intervals.covered(self._runs.values())),
                [one for job in planned for one in self._incomplete(job)],
                counted.twice,
            ),
        )

    def _planned(self) -> Iterator[Job]:
        """Yield the jobs in the order of the plan, then those that it does not know.

        One without any result is among them only if missing arrivals are judged: their number is
        unknown, and that passes no threshold.
        """
        metrics, known = self._counted.metrics, {job.name for job in self._plan.jobs}
        wanted = self._plan.limits.judge("missing")
        for job in self._plan.jobs:
            if job.name in metrics or (job.open and (wanted or job.limits.judge("missing"))):
                yield job
        others = [(of.first_due or 0, name) for name, of in metrics.items() if name not in known]
        yield from (unknown(name) for _, name in sorted(others))

    def _warn_of_silent(self, judged: Collection[str]) -> None:
        for job in self._plan.jobs:
            if job.name not in self._counted.metrics:
                not_judged = "" if job.name in judged else ": it is not judged"
                _log.warning(f"no result is of this job{not_judged}", job=job.name)

    def _job(self, job: Job) -> ReadJob:
        name = job.name
        mine = {run: self._counted.intervals[run][name] for run in self._runs_of(name)}
        metrics = self._counted.metrics.get(name) or Metrics(self._found.basis.began)
        read = read_job(job, metrics, mine, self._runs)
        missing = [count_missing(job, self._counted.arrivals[run, name]) for run in mine]
        known = [one for one in missing if one is not None]
        return replace(read, missing=sum(known) if missing and len(known) == len(missing) else None)

    def _runs_of(self, job: str) -> Sequence[str]:
        return [run for run in self._runs if job in self._counted.intervals[run]]

    def _incomplete(self, job: Job) -> Iterator[IncompleteSlice]:
        for run in self._runs_of(job.name):
            yield from incomplete(run, job, self._counted.arrivals[run, job.name])

    def _warn_of_divisions(self) -> None:
        arrivals = self._counted.arrivals.items()
        for run in dict.fromkeys(run for (run, _), one in arrivals if divided_differently(one)):
            _log.warning(
                "the files are of slices of different divisions of one run: each arrival counts "
                "once, and what is missing is not named by slice",
                run=run,
            )

    def _standstills_of(self, run: str) -> Sequence[Standstill]:
        return joined(one.standstill for one in self._found.basis.standstills.get(run, ()))


def _unchosen(others: set[RunAndJob]) -> str:
    """Describe the runs and jobs that exist instead of the chosen ones, as a part of a sentence."""
    if not others:
        return ""
    runs, jobs = (", ".join(sorted(set(map(escape, names)))) for names in zip(*others))
    return f" of what is asked for, but of run {runs} and job {jobs}"


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
