"""The chart of the stages of an average transfer (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

from ...report import axes, shown
from ...report.axes import Axis
from ..figures import Spread, Stages


class Stage(NamedTuple):
    """One bar of the stage split; start and width in percent of the chart's width."""

    kind: str
    label: str
    x: float
    width: float
    spread: Spread
    share: str


@dataclass(frozen=True)
class StageSplit:
    """The stages of an average transfer."""

    stages: Sequence[Stage]
    x: Axis
    description: str


def stage_split(stages: Stages) -> Optional[StageSplit]:
    """Return the split of an average transfer into ingress, hand-over and egress."""
    known = [
        (kind, label, spread)
        for kind, label, spread in (
            ("ingress", "Ingress", stages.ingress),
            ("hand-over", "Hand-over", stages.hand_over),
            ("egress", "Egress", stages.egress),
        )
        if spread
    ]
    if not known:
        return None
    spans, at = [], 0
    for _, _, spread in known:
        # A negative hand-over, if egress starts before ingress ends, goes back.
        spans.append((min(at, at + spread.mean), abs(spread.mean)))
        at += spread.mean
    low, high = min(start for start, _ in spans), max(start + width for start, width in spans)
    axis = axes.inner_ticks(low, high)
    whole = sum(width for _, width in spans) or 1
    parts = [
        Stage(
            kind,
            label,
            round(axis.place(start) * 100, 3),
            round(width / (axis.high - axis.low) * 100, 3),
            spread,
            f"{100 * width // whole}%",
        )
        for (kind, label, spread), (start, width) in zip(known, spans)
    ]
    means = ", ".join(f"{part.label.lower()} {shown.duration(part.spread.mean)}" for part in parts)
    return StageSplit(parts, axis, f"Average time of each stage: {means}.")
