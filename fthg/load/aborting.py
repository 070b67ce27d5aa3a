"""The early end of a run whose threshold is crossed and set to abort it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional

import gevent

from ..clock import SECOND
from .plan import Plan
from .run import Run
from .stats.snapshot import TOTAL, RunSnapshot


@contextmanager
def aborting(run: Run) -> Iterator[None]:
    """Judge once a second within the block, and stop the run at a crossed threshold that aborts."""
    watching = gevent.spawn(_watch, run)
    try:
        yield
    finally:
        watching.kill()


def _watch(run: Run) -> None:
    limits = _aborting_limits(run.plan)
    while limits:
        run.clock.sleep_until(run.clock.now() + SECOND)
        seconds = (run.clock.now() - run.began) / SECOND
        crossed = _crossed(
            run.snapshot(), {name for name, after in limits.items() if seconds >= after}
        )
        if crossed:
            run.stop(f"threshold crossed: {crossed}")
            return


def _aborting_limits(plan: Plan) -> dict[str, float]:
    """Return when the aborting thresholds of a job, or of the total, come into force."""
    limits = {**{job.name: job.limits for job in plan.jobs}, TOTAL: plan.limits}
    return {name: limit.abort_after for name, limit in limits.items() if limit.abort}


def _crossed(snapshot: RunSnapshot, names: set[str]) -> Optional[str]:
    for name, verdicts in snapshot.verdicts.items():
        for verdict in verdicts:
            if name in names and not verdict.ok and verdict.found is not None:
                return verdict.threshold.text
    return None
