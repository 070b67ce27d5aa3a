"""The summary as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ... import __version__
from ...clock import SECOND
from ...verdicts.thresholds import Verdict
from ...writing import replacing
from ..stats.outages import Outage
from ..stats.snapshot import TOTAL, RunEnd, RunFigures


def summary_json(run: RunEnd, figures: RunFigures) -> Mapping[str, Any]:
    """The figures of a run with its start, end and version; times in seconds, None where empty.

    Beyond the figures each job and the total have `phases` (time statistics by phase), `details`
    (the commonest, by error kind), `series` (what ended when) and `thresholds`. What was read from
    results files has their paths, the number of `runs` and of `lines_left_out`, too, and None for
    what they cannot tell.
    """
    verdicts = run.verdicts(figures)
    jobs = {
        end.job.name: {
            **figures.jobs[end.job.name],
            **end.metrics.more(),
            "thresholds": [_verdict(verdict) for verdict in verdicts[end.job.name]],
        }
        for end in run.jobs
    }
    return {
        "run": run.plan.run,
        "version": __version__,
        "started": _iso(run.started),
        "ended": _iso(run.ended),
        "reason": run.reason or None,
        "results_lost": None if run.reading else run.results_lost,
        **_read(run),
        "outages": [_outage(run, outage) for outage in run.outages.listed],
        "outages_unlisted": run.outages.unlisted,
        "jobs": jobs,
        "total": {
            **figures.total,
            **run.merged.more(),
            "thresholds": [_verdict(verdict) for verdict in verdicts[TOTAL]],
        },
    }


def _read(run: RunEnd) -> Mapping[str, Any]:
    if not run.reading:
        return {}
    return {
        "results": run.plan.results,
        "runs": run.reading.runs,
        "lines_left_out": run.reading.left_out,
    }


def _outage(run: RunEnd, outage: Outage) -> Mapping[str, Any]:
    recovered = outage.end is not None
    return {
        "job": outage.job,
        "start": _iso(run.utc(outage.start)),
        "end": _iso(run.utc(outage.end)) if outage.end is not None else None,
        "last_failure": _iso(run.utc(outage.last)),
        "count": outage.failed,
        "kinds": dict(outage.kinds),
        "time_to_recover": outage.length / SECOND if recovered else None,
    }


def _verdict(verdict: Verdict) -> Mapping[str, Any]:
    return {"threshold": verdict.threshold.text, "found": verdict.found, "ok": verdict.ok}


def _iso(utc: int) -> str:
    moment = datetime.fromtimestamp(utc / SECOND, timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_summary(path: str, summary: Mapping[str, Any]) -> None:
    """Write the file whole or not at all, readable by owner and group; StartError if it fails."""
    with replacing(path) as file:
        file.write(json.dumps(summary, indent=2) + "\n")
