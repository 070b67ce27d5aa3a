"""Log lines for the beginning and end of a run and of its jobs, and for crossed thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import __version__
from ..clock import SECOND
from ..log import Log
from ..units import Seconds
from ..verdicts.thresholds import show
from .plan import Plan
from .stats.metrics import Metrics
from .stats.snapshot import RunSnapshot

_log = Log(__name__)


def log_beginning(plan: Plan, configuration: Sequence[str]) -> None:
    """Log that a run and each of its jobs began, at info; `configuration`: the files it is from."""
    _log.info(
        "run began",
        version=__version__,
        configuration=", ".join(configuration) or None,
        slice=None if plan.slice is None else str(plan.slice),
        jobs=len(plan.jobs),
        workers=plan.workers,
    )
    for job in plan.jobs:
        _log.info(
            "job began",
            job=job.name,
            url=job.url,
            rate=job.pacer.text,
            model="open" if job.open else "closed",
            start_after=Seconds(job.start_after) if job.start_after else None,
        )


def log_outcomes(snapshot: RunSnapshot) -> None:
    """Log crossed thresholds as warnings, and the end of each job at info."""
    for name, verdicts in snapshot.verdicts.items():
        for verdict in verdicts:
            if not verdict.ok:
                _log.warning(
                    "threshold crossed",
                    job=name or None,
                    threshold=verdict.threshold.text,
                    found=show(verdict),
                )
    for job in snapshot.jobs:
        _log.info("job ended", job=job.job.name, **_counts(job.metrics))


def log_end(snapshot: RunSnapshot, status: int) -> None:
    """Log that a run ended, with the exit status and the reason, at info."""
    _log.info(
        "run ended",
        status=status,
        reason=snapshot.reason,
        lasted=Seconds((snapshot.ended - snapshot.started) / SECOND),
        **_counts(snapshot.merged),
    )


def _counts(metrics: Metrics) -> dict[str, Any]:
    return {"sent": metrics.sent, **metrics.outcomes, "bytes": metrics.bytes}
