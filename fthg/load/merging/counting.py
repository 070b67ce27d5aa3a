"""The counts of some results files, mergeable with those of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Optional

from ...errors import StartError
from ...results.recorded import Recorded
from ...transfer import Result
from ..expected import dispatch_seconds
from ..plan import Plan
from ..recorded_stages import RecordedStages
from ..run_intervals import RunInterval
from ..stats.metrics import Metrics
from .arrivals import Arrivals
from .outages import EvidenceCollector
from .scan import RunAndJob, Standstills

_MOST_JOBS = 10_000  # as rows of a table
_MOST_INTERVALS = 100_000

_ENOUGH = 8  # results of a job at once: counting them costs little more than counting one
_HELD = 50_000  # results, of jobs with fewer

_Group = tuple[str, str, str]  # run, job, slice


class Basis(NamedTuple):
    """The facts that counting depends on."""

    began: int  # UTC, nanoseconds since 1970: the first due time of all
    standstills: Standstills
    firsts: Mapping[RunAndJob, Recorded]  # to end, of jobs with stages


class Counted:
    """Counts of any number of results, in memory that grows with jobs and runs alone."""

    def __init__(self, began: int) -> None:
        self._began = began
        self.metrics: dict[str, Metrics] = {}  # by job
        self.intervals = defaultdict[str, dict[str, RunInterval]](dict)  # run → job
        self.arrivals: dict[RunAndJob, Arrivals] = {}
        self.twice = 0  # results of arrivals that had one already

    def merge(self, other: Counted) -> None:
        """Count all that another has counted."""
        for job, metrics in other.metrics.items():
            self.metrics_of(job).merge(metrics)
        for run, intervals in other.intervals.items():
            for job, interval in intervals.items():
                if job in self.intervals[run]:
                    self.intervals[run][job].merge(interval)
                else:
                    self.add(run, job, interval)
        for key, arrivals in other.arrivals.items():
            if key in self.arrivals:
                self.twice += self.arrivals[key].merge(arrivals)
            else:
                self.arrivals[key] = arrivals
        self.twice += other.twice

    def metrics_of(self, job: str) -> Metrics:
        """Return the metrics of a job, which is new if they are not there."""
        metrics = self.metrics.get(job)
        if metrics is None:
            metrics = self.metrics[job] = Metrics(self._began)
            _check_count("jobs", len(self.metrics), _MOST_JOBS, "--job")
        return metrics

    def add(self, run: str, job: str, interval: RunInterval) -> RunInterval:
        """Add the time of a job in a run."""
        self.intervals[run][job] = interval
        _check_count("runs", len(self.intervals) * len(self.metrics), _MOST_INTERVALS, "--run")
        return interval


class Counter:
    """Counts the results of files, of which it knows the plan and the basis."""

    def __init__(self, plan: Plan, basis: Basis, held: int = _HELD) -> None:
        """`held` is the most results that wait for others of their jobs."""
        self._plan = plan
        self._most_held = held
        self._known = {job.name: job for job in plan.jobs}
        self._firsts = basis.firsts
        self.counted = Counted(basis.began)
        self.evidence = EvidenceCollector(basis.standstills)
        self._waiting = defaultdict[_Group, list[Result]](list)

    def count(self, found: Sequence[Recorded]) -> None:
        """Collect the evidence of results, and count them, at the latest in `finish`.

        Of a job of which there are few they wait for more. Raises StartError for an implausible
        number of jobs or runs.
        """
        groups = defaultdict[_Group, list[Result]](list)
        for run, result, slice_ in found:
            groups[run, result.job, slice_].append(result)
        for group, results in groups.items():
            self.evidence.record(group[0], group[2], results)
            waiting = self._waiting[group]
            waiting += results
            if len(waiting) >= _ENOUGH:
                self._count(*group, self._waiting.pop(group))
        if sum(map(len, self._waiting.values())) > self._most_held:
            self.finish()

    def finish(self) -> None:
        """Count the results that wait; StartError as in `count`."""
        while self._waiting:
            group, results = self._waiting.popitem()
            self._count(*group, results)

    def _count(self, run: str, job: str, slice_: str, results: Sequence[Result]) -> None:
        counted, key = self.counted, (run, job)
        counted.metrics_of(job).record(*results)
        interval = counted.intervals[run].get(job)
        if interval is None:
            made = RunInterval(results[0].due, stages=self._stages_of(key))
            interval = counted.add(run, job, made)
        interval.record(results)
        arrivals = counted.arrivals.get(key)
        if arrivals is None:
            arrivals = counted.arrivals[key] = Arrivals()
        counted.twice += arrivals.add(slice_, results, job in self._known)

    def _stages_of(self, key: RunAndJob) -> Optional[RecordedStages]:
        run, name = key
        job, first = self._known.get(name), self._firsts.get(key)
        if job is None or first is None:
            return None
        drawn = replace(job, pacer=job.pacer.in_run(run))
        return RecordedStages(drawn, first.result, dispatch_seconds(job, self._plan))


def _check_count(what: str, count: int, most: int, option: str) -> None:
    if count > most:
        raise StartError(f"these are the results of too many {what}; {option} takes one of them")
