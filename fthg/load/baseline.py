"""The summary of an earlier run, and the comparison of figures with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

from ..errors import StartError
from ..verdicts.baseline import Change, compare, known_figures, read_summary
from ..verdicts.thresholds import Figures, Threshold, Vocabulary, judge
from .stats.metrics import VOCABULARY

_SHARES = ("failed", "dropped")

_COMPARED: Mapping[str, int] = {
    "achieved_rate": -1,
    **dict.fromkeys(_SHARES, 1),
    "response_time p50": 1,
    "response_time p95": 1,
    "response_time p99": 1,
    "service_time p95": 1,
}
"""The figures that are compared, and whether more (1) or less (-1) is worse."""

_UNITS = Vocabulary(
    {**VOCABULARY.units, **dict.fromkeys(_SHARES, "share")}, {}, VOCABULARY.examples
)
"""Runs differ in length: failures are compared as shares of what was scheduled."""


@dataclass(frozen=True)
class Baseline:
    """The figures of an earlier run, and the file that they are from."""

    path: str
    figures: Mapping[str, Figures]  # by job; those of the total under an empty name

    def changes(self, job: str, now: Figures) -> Sequence[Change]:
        """Return the changes of a job, or of the total; none if the baseline does not have it."""
        before = self.figures.get(job)
        if before is None:
            return ()
        return tuple(compare(_COMPARED, _UNITS, _with_shares(before), _with_shares(now)))


def _with_shares(figures: Figures) -> Figures:
    return {**figures, **{name: _share(figures, name) for name in _SHARES}}


def _share(figures: Figures, name: str) -> Optional[float]:
    count, whole = figures.get(name), figures.get("scheduled")
    return count / whole if whole and count is not None else None


def read_baseline(path: str, judged: Mapping[str, Sequence[Threshold]]) -> Baseline:
    """Read the JSON that --summary of an earlier run wrote.

    `judged` has the thresholds by job, those of the total under an empty name. Raises StartError if
    the file is of no use, or lacks a job or a figure that one of them refers to.
    """
    try:
        summary = read_summary(path, "load")
        baseline = Baseline(path, dict(_figures(summary)))
    except ValueError as error:
        raise StartError(f"run.baseline: {error}") from None
    errors = [
        error
        for name, thresholds in judged.items()
        for threshold in thresholds
        if threshold.of_baseline
        for error in _lacking(baseline, name, threshold)
    ]
    if errors:
        raise StartError(*errors)
    return baseline


def _figures(summary: Mapping[str, Any]) -> Iterator[tuple[str, Figures]]:
    jobs = summary.get("jobs")
    if not isinstance(jobs, dict):
        raise ValueError("it has no jobs; name a file that fthg with --summary wrote")
    for name, found in {"": summary["total"], **jobs}.items():
        whose = f"of job {name}" if name else "of the total"
        if not isinstance(found, dict):
            raise ValueError(f"the figures {whose} are no mapping")
        try:
            yield name, known_figures(found, VOCABULARY)
        except ValueError as error:
            raise ValueError(f"{whose[3:]}: {error}") from None


def _lacking(baseline: Baseline, name: str, threshold: Threshold) -> Iterator[str]:
    """Yield what a threshold needs and the baseline does not have."""
    key = f"jobs.{name}.thresholds" if name else "run.thresholds"
    before = baseline.figures.get(name)
    if before is None:
        yield f"{key}: {threshold.text!r} needs this job in the baseline {baseline.path}"
    elif judge([threshold], before, before)[0].found is None:
        figure = f"{threshold.figure} {threshold.stat or ''}".strip()
        yield f"{key}: {threshold.text!r}: the baseline {baseline.path} has no value of {figure}"
