"""The plan of a tracking run in words, for `--check`."""

from __future__ import annotations

from collections.abc import Iterator

from ..text import zoned
from ..units import show_duration
from .plan import TrackPlan
from .tracked import SECOND


def describe_plan(plan: TrackPlan) -> Iterator[str]:
    """Yield lines: the databases, the period, how it is judged, and the files."""
    yield str(plan.ingress)
    yield str(plan.egress)
    yield f"period: {_time(plan, plan.start)} to {_time(plan, plan.end)} ({plan.zone_name})"
    polls = "once" if plan.once else f"every {show_duration(plan.poll)}"
    yield f"poll: {polls}, grace {show_duration(plan.grace / SECOND)}"
    if plan.sla is not None:
        yield f"sla: {show_duration(plan.sla / SECOND)}"
    for threshold in plan.thresholds:
        yield f"threshold: {threshold.text}"
    for name, patterns in plan.groups:
        yield f"group {name}: {', '.join(patterns)}"
    if plan.baseline:
        yield f"baseline: {plan.baseline.path}"
    for path in plan.outputs:
        yield f"writes: {path}"
    yield "The configuration is right."


def _time(plan: TrackPlan, micros: int) -> str:
    return zoned(micros * 1000, zone=plan.zone)
