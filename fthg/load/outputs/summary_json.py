"""The summary as JSON."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from typing import Any

from ... import __version__
from ...clock import SECOND
from ...errors import FthgError, StartError
from ...results.file import remedy
from ...text import iso_millis
from ...verdicts.thresholds import Verdict
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
        "started": iso_millis(run.started),
        "ended": iso_millis(run.ended),
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
        "start": iso_millis(run.utc(outage.start)),
        "end": iso_millis(run.utc(outage.end)) if outage.end is not None else None,
        "last_failure": iso_millis(run.utc(outage.last)),
        "count": outage.failed,
        "kinds": dict(outage.kinds),
        "time_to_recover": outage.length / SECOND if recovered else None,
    }


def _verdict(verdict: Verdict) -> Mapping[str, Any]:
    return {"threshold": verdict.threshold.text, "found": verdict.found, "ok": verdict.ok}


def check_summary(path: str) -> None:
    """Raise StartError if a summary could not be written there: before a run, not after it."""
    directory = os.path.dirname(path) or "."
    try:
        with tempfile.TemporaryFile(dir=directory):
            pass
        if os.path.isdir(path):
            raise IsADirectoryError(21, "Is a directory")
    except OSError as error:
        raise StartError(
            f"summary file {path} cannot be written: {error.strerror}; {remedy(path, error)}"
        ) from None


def write_summary(path: str, summary: Mapping[str, Any]) -> None:
    """Write the file whole or not at all, readable by owner and group; FthgError if it fails."""
    try:
        _replace(path, json.dumps(summary, indent=2) + "\n")
    except OSError as error:
        raise FthgError(
            f"summary file {path} cannot be written: {error.strerror}; {remedy(path, error)}"
        ) from None


def _replace(path: str, text: str) -> None:
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8") as device:  # /dev/stdout, a pipe: nothing to rename
            device.write(text)
        return
    temporary = f"{path}.{os.getpid()}.part"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    fd = os.open(temporary, flags, 0o640)
    try:
        with open(fd, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
