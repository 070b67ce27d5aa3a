"""Snapshots of jobs for tests of the live view."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fthg.load.outputs.job_view import JobView
from fthg.load.stats.metrics import Metrics
from fthg.transfer import Result


def view(results: Sequence[Result] = (), **changes: Any) -> JobView:
    """A job at 10/s that runs for 30 s, 12 s after its start."""
    metrics = Metrics(0)
    for result in results:
        metrics.record(result)
    usual: dict[str, Any] = {
        "name": "orders",
        "state": "running",
        "elapsed": 12.0,
        "duration": 30.0,
        "count": None,
        "target": Fraction(10),
        "in_flight": 3,
        "limit": 256,
        "metrics": metrics,
    }
    return JobView(**{**usual, **changes})
