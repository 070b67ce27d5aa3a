"""The service level by hour or day: a cell a step, filled as high as it was late (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional

from ..figures import Sla, SlaStep

HEIGHT = 44
_LEAST = 2.5  # pixels: one late transfer among thousands remains visible
_THINNEST = 0.25  # percent of the width
_GAP = 0.06  # of a step
_LABELLED = 12  # cells, at most, that have room for their share


class StepCell(NamedTuple):
    """One step: its place in percent of the width, the pixels of what was late, and its filter."""

    step: SlaStep
    x: float
    width: float
    late: float
    kind: str  # passed: all in time; timeout: some late, but no target missed; failed
    filter: str


@dataclass(frozen=True)
class ServiceLevel:
    """The service level over the period."""

    sla: Sla
    kind: str  # passed, timeout or failed
    late: int
    target: Optional[str]  # as people read it
    cells: Sequence[StepCell]

    @property
    def labelled(self) -> bool:
        """True if the cells are wide enough for text."""
        return len(self.cells) <= _LABELLED


def service_level(sla: Sla) -> ServiceLevel:
    """Return the cells of a service level, and how well its target was met."""
    target = sla.target
    return ServiceLevel(
        sla,
        _kind(sla, sla.within, sla.due),
        sla.due - sla.within,
        None if target is None else f"{float(100 * target):g}%",
        [_cell(sla, step) for step in sla.steps],
    )


def _kind(sla: Sla, within: int, due: int) -> str:
    if within == due:
        return "passed"
    return "failed" if sla.target is not None and within < due * sla.target else "timeout"


def _cell(sla: Sla, step: SlaStep) -> StepCell:
    start = sla.steps[0].start
    span = max(sla.steps[-1].end - start, 1)
    width = 100 * (step.end - step.start) / span
    late = step.due - step.within
    return StepCell(
        step,
        round(100 * (step.start - start) / span + width * _GAP / 2, 3),
        round(max(width * (1 - _GAP), _THINNEST), 3),
        round(max(HEIGHT * late / step.due, _LEAST), 2) if late else 0,
        _kind(sla, step.within, step.due),
        f"from={step.start}&to={step.end}",
    )
