"""The chart of the stages of a typical transfer, by medians: outliers move averages (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

from ...report import axes
from ...report.axes import Axis
from ...report.formats import Formats
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
    """The stages of a typical transfer."""

    stages: Sequence[Stage]
    x: Axis
    description: str


def stage_split(stages: Stages, shown: Formats) -> Optional[StageSplit]:
    """Return the split of a typical transfer into ingress, hand-over and egress."""
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
        spans.append((min(at, at + spread.p50), abs(spread.p50)))
        at += spread.p50
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
    medians = ", ".join(f"{part.label.lower()} {shown.duration(part.spread.p50)}" for part in parts)
    return StageSplit(parts, axis, f"Median time of each stage: {medians}.")
