"""Decides when a run starts: once it is ready, at its start moment, or within its schedule."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import SECOND, Clock
from ..errors import StartError
from ..text import iso_millis
from ..units import show_duration
from .joining import joined
from .plan import Job, Plan
from .planning import anchored

_JOINING = SECOND // 4
"""More time to get ready for a run that is joined: what falls due in it is missed, not late."""


def start_of(plan: Plan, clock: Clock, ready: int, files: Callable[[Job], int]) -> tuple[int, Plan]:
    """Return when the run starts, a reading of the clock, and the plan from then on.

    `ready` is the time until something can be sent; `files` counts those of a job. Raises
    StartError if the moment that was asked for is over by then, unless the run is joined.
    """
    if plan.start_at is None or not plan.jobs:
        began = clock.now() + ready
        return began, anchored(plan, began + clock.utc_offset())
    start, plan = plan.start_at, anchored(plan, plan.start_at)
    if plan.join and start < clock.utc():
        # Only for the time it takes: all random arrivals until now are drawn.
        joined(plan, clock.utc() - start, files)
        ready += _JOINING
    offset = clock.utc_offset()
    late = clock.now() + offset + ready - start
    if late > 0:
        if not plan.join:
            raise StartError(_over(start, late - ready, late))
        plan = joined(plan, late, files)
    return start - offset, plan


def _over(start: int, past: int, late: int) -> str:
    when = "was over {} ago" if past > 0 else "will be over {} before all is ready"
    by = show_duration((past if past > 0 else late) / SECOND)
    return (
        f"--start-at: the start moment, {iso_millis(start)}, {when.format(by)}; "
        "name a later moment, or join what is running with --join"
    )
