"""What a run warns of when it starts: of its plan, of what it missed, and of the host's clock."""

from __future__ import annotations

from ..clock import Clock
from ..kernel_clock import clock_state, judge
from ..log import Log
from .plan import Plan
from .planning import caution

_log = Log(__name__)


def caution_at_start(plan: Plan, clock: Clock) -> None:
    """Log what may be wrong with a run that is about to start; of the clock if others start too."""
    caution(plan, clock.utc())
    _tell_missed(plan)
    if plan.start_at is not None or (plan.slice and plan.slice.of > 1):
        _judge_clock()


def _tell_missed(plan: Plan) -> None:
    for job in plan.jobs:
        if job.joined:
            _log.warning(
                "joined late: what fell due before is not sent",
                job=job.name,
                seconds=round(job.joined.seconds, 3),
                missed=job.joined.missed,
            )


def _judge_clock() -> None:
    try:
        state = clock_state()
    except OSError as error:
        _log.info("the kernel does not tell how right its clock is", error=error.strerror or error)
        return
    warning = judge(state)
    if warning:
        _log.warning(warning)
