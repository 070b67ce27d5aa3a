"""Warnings at the start of a run: of its plan, of what it missed, and of the host's clock."""

from __future__ import annotations

from fractions import Fraction
from typing import Optional

from ..clock import SECOND, Clock
from ..kernel_clock import clock_state, judge
from ..log import Log
from ..units import show_rate
from .expected import expected_arrivals, expected_seconds, never_sends
from .plan import Job, Plan

_log = Log(__name__)

_OF_A_PROCESS = 2_000
"""Small files a second that one process sends on a common host, over HTTP on one machine."""

NEVER_SENDS = "nothing will be sent: it ends before its first file is due"


def caution_at_start(plan: Plan, clock: Clock) -> None:
    """Log what may be wrong with a run that is about to start; of the clock if others start too."""
    caution(plan, clock.utc())
    _log_missed(plan)
    if plan.start_at is not None or (plan.slice and plan.slice.of > 1):
        _judge_clock()


def caution(plan: Plan, now: int) -> None:
    """Warn, once for each job, of checks that are switched off, and if it can send nothing.

    And of certificates that are not valid from `now` (nanoseconds since 1970) to its end.
    """
    for warning in plan.cautions:
        _log.warning(warning)
    if warning := _too_fast(plan):
        _log.warning(warning)
    for job in plan.jobs:
        if never_sends(job, plan):
            _log.warning(NEVER_SENDS, job=job.name)
        for warning in job.options.warnings():
            _log.warning(warning, job=job.name, to=job.url)
        for warning in job.options.expiries(now, _end(job, plan, now)):
            _log.warning(warning, job=job.name, to=job.url)


def _too_fast(plan: Plan) -> str:
    """Return a warning if the rates of all jobs together are beyond what the processes can send."""
    together = float(sum(filter(None, map(_highest_rate, plan.jobs))))
    most = _OF_A_PROCESS * plan.workers
    if together <= most:
        return ""
    processes = "one process" if plan.workers == 1 else f"{plan.workers} processes"
    return (
        f"{show_rate(together)} is more than {processes} can send, which is some {most:,}/s at "
        "best: lower the rate, raise run.workers, or divide the run over machines with --slice"
    )


def _highest_rate(job: Job) -> Fraction:
    """Return the highest rate of the part of a job that this slice sends; 0 where none is set."""
    pacer = job.pacer.even
    times = [0]
    if pacer.stages and pacer.end is not None:
        times = [time for span in pacer.spans(pacer.end) for time in (span.start, span.end - 1)]
    rates = [pacer.rate_at(time) or Fraction(0) for time in times]
    return max(rates, default=Fraction(0)) / job.slice.of


def _end(job: Job, plan: Plan, now: int) -> Optional[int]:
    """Return when a job ends at the latest by itself, or None: its files are not listed for it."""
    seconds = expected_seconds(job, plan, expected_arrivals(job, plan, 0))
    return None if seconds is None else now + round(seconds * SECOND)


def _log_missed(plan: Plan) -> None:
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
