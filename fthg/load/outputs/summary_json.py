"""The summary as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from ... import __version__
from ...clock import SECOND
from ...config import values
from ...config.schema import key
from ...standstill import Standstill
from ...text import iso_millis
from ...verdicts.baseline import changes_json
from ...verdicts.thresholds import Verdict
from ...writing import BoundedFile, OutputFile
from ..plan import Job, Plan
from ..stats.outages import Outage
from ..stats.snapshot import TOTAL, LostWorker, RunSnapshot
from .output import Output, Surroundings

SCHEMA = 1
"""The version of its keys and their meaning."""

_IO_TIMEOUT = 5.0  # seconds, however long a disk or the reader of a pipe takes


class SummaryJson(Output):
    """Writes the final figures to the file of `run.summary`."""

    keys: ClassVar[Mapping[Any, Any]] = {
        key("summary", "the final figures as JSON"): values.output_path
    }

    def __init__(self, path: str) -> None:
        self._file = BoundedFile(path)
        self._timeout = _IO_TIMEOUT

    @classmethod
    def file(cls, plan: Plan) -> OutputFile:
        """Return the file of `run.summary`."""
        return OutputFile("run.summary", plan.outputs.get("summary"))

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[SummaryJson]:  # noqa: ARG003
        """Return one if there is a file for it."""
        path = plan.outputs.get("summary")
        return cls(path) if path else None

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - all is known
        """Start the thread that will write the file."""
        self._file.start()

    def hurry(self, seconds: float) -> None:
        """Wait no longer than that for the file."""
        self._timeout = min(self._timeout, seconds)

    def end(self, snapshot: RunSnapshot) -> None:
        """Write the file; StartError if that fails, or takes too long."""
        text = json.dumps(summary_json(snapshot), indent=2)
        self._file.write(f"{text}\n", self._timeout)


def summary_json(run: RunSnapshot) -> Mapping[str, Any]:
    """Return the figures of a run with its start, end and version.

    Times are in seconds, None where there are none. Beyond the figures each job and the total have
    `phases` and `phases_failed` (times by phase), `details` (the commonest, by error kind) and
    `series` (what ended when), and each job `stages` (figures of each that has begun). `baseline`
    has the changes of the total since an earlier run, and those of a job in each job. A snapshot
    made from results files has their paths, the number of `runs` and of `lines_left_out`, the
    `incomplete` slices and the lines of arrivals that are there `twice`, too, and None for what
    lines do not hold. `slice` is that of the machine, as in 3/10; None: the whole run.
    """
    figures = run.figures
    jobs = {
        job.name: {
            **figures.jobs[job.name],
            **job.metrics.more(),
            "stages": job.stage_figures(),
            **_joined(job.job),
            **_changes(run, job.name),
        }
        for job in run.jobs
    }
    return {
        "schema": SCHEMA,
        "run": run.plan.run,
        "slice": run.slice,
        "version": __version__,
        "started": iso_millis(run.started),
        "ended": iso_millis(run.ended),
        "reason": run.reason or None,
        "results_lost": None if run.reading else run.results_lost,
        **_read(run),
        "thresholds": [
            _threshold(run, name, verdict)
            for name, verdicts in run.verdicts.items()
            for verdict in verdicts
        ],
        "baseline": changes_json(run.changes.get(TOTAL, ())) or None,
        "outages": [_outage(run, outage) for outage in run.outages.listed],
        "standstills": [_standstill(run, one) for one in run.standstills],
        "lost_workers": [_lost_worker(run, one) for one in run.lost_workers],
        "outages_unlisted": run.outages.unlisted,
        "jobs": jobs,
        "total": {**figures.total, **run.merged.more()},
    }


def _joined(job: Job) -> Mapping[str, Any]:
    """Return how late the schedule of a job was joined, in seconds, and what was never sent."""
    if job.joined is None:
        return {}
    return {"joined": {"seconds": job.joined.seconds, "missed": job.joined.missed}}


def _changes(run: RunSnapshot, job: str) -> Mapping[str, Any]:
    return {"baseline": changes_json(run.changes[job])} if run.changes.get(job) else {}


def _read(run: RunSnapshot) -> Mapping[str, Any]:
    if not run.reading:
        return {}
    return {
        "results": run.reading.paths,
        "runs": run.reading.runs,
        "lines_left_out": run.reading.left_out,
        "incomplete": [one._asdict() for one in run.reading.incomplete],
        "twice": run.reading.twice,
    }


def _outage(run: RunSnapshot, outage: Outage) -> Mapping[str, Any]:
    recovered = outage.end is not None
    return {
        "job": outage.job,
        "start": iso_millis(run.utc(outage.start)),
        "end": iso_millis(run.utc(outage.end)) if outage.end is not None else None,
        "last_failure": iso_millis(run.utc(outage.last)),
        "count": outage.failed,
        "kinds": dict(outage.kinds),
        "time_to_recover": outage.length / SECOND if recovered else None,
    }


def _standstill(run: RunSnapshot, standstill: Standstill) -> Mapping[str, Any]:
    return {
        "start": iso_millis(run.utc(standstill.start)),
        "seconds": standstill.length / SECOND,
        "dropped": standstill.dropped,
        "cause": standstill.cause,
    }


def _lost_worker(run: RunSnapshot, lost: LostWorker) -> Mapping[str, Any]:
    reported = None if lost.reported is None else iso_millis(run.utc(lost.reported))
    return {**lost._asdict(), "reported": reported}


def _threshold(run: RunSnapshot, name: str, verdict: Verdict) -> Mapping[str, Any]:
    found = {
        "job": None if name == TOTAL else name,
        "text": verdict.threshold.text,
        "found": verdict.found,
        "ok": verdict.ok,
    }
    point = run.broken_by(name, verdict)
    if point is None:
        return found
    then = point.verdict.found
    return {**found, "at": point.at, "rate": point.rate, "held": point.held, "found_then": then}
