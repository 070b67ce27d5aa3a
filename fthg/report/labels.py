"""The labels of an axis: which of them fit at which width of the chart (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

WIDTHS = (160, 220, 300, 400, 600, 860)
"""Pixels: charts on a phone, on half a sheet of paper, beside another and alone; as in page.css."""

CHARACTER = 7.2  # pixels of an average character of a label
GAP = 8  # pixels between two labels
MARGIN = 8  # pixels beside a chart that a label may reach into
BESIDE_AXIS = 40  # the same to its left, where the labels of its other axis are

_NARROWEST = WIDTHS[0]


class Tick(NamedTuple):
    """One mark of an axis: its position from 0 to 1, and its label."""

    at: float
    label: str
    strong: bool = False  # the start of a day or year
    anchor: str = "middle"  # or start, end: where the label would leave the chart
    level: int = 0  # the label is shown in charts of at least WIDTHS[level] pixels


def fit_labels(ticks: Sequence[Tick], left: int = BESIDE_AXIS) -> list[Tick]:
    """Return the ticks with anchors and levels by which no label leaves the chart or overlaps.

    `left` pixels beside the chart are free. A narrow chart shows every second, fourth, … label, if
    possible those of strong ticks; a label for which no chart is wide enough is empty.
    """
    ticks = [tick._replace(anchor=_anchor(tick, left)) for tick in ticks]
    levels = [len(WIDTHS)] * len(ticks)
    offset, most = 0, 2 ** len(ticks).bit_length()
    for level in range(len(WIDTHS)):
        # The offset of a wider chart is that of the narrower one: it shows all that this one does.
        offset, most = _sparse(ticks, WIDTHS[level], most, offset if level else None)
        for index in range(offset, len(ticks), most):
            levels[index] = min(levels[index], level)
    return [
        tick._replace(level=level) if level < len(WIDTHS) else tick._replace(label="")
        for tick, level in zip(ticks, levels)
    ]


def _sparse(ticks: Sequence[Tick], width: int, most: int, offset: Optional[int]) -> tuple[int, int]:
    """Return the offset and the smallest stride, a power of two, with which labels do not touch."""
    stride = 1
    while stride < most:
        offsets = range(stride) if offset is None else [offset % stride]
        for first in sorted(offsets, key=lambda first: -_strong(ticks[first::stride])):
            if clear(ticks[first::stride], width):
                return first, stride
        stride *= 2
    return offset or 0, most


def _strong(ticks: Sequence[Tick]) -> int:
    return sum(tick.strong for tick in ticks)


def clear(ticks: Sequence[Tick], width: int) -> bool:
    """Return True if no label touches the next one in a chart of this width."""
    ends = [extent(tick, width) for tick in ticks]
    return all(end + GAP <= start for (_, end), (start, _) in zip(ends, ends[1:]))


def extent(tick: Tick, width: float) -> tuple[float, float]:
    """Return where the label begins and ends, in pixels from the left of a chart."""
    size = len(tick.label) * CHARACTER
    start = tick.at * width - {"start": 0, "middle": size / 2, "end": size}[tick.anchor]
    return start, start + size


def _anchor(tick: Tick, left: int) -> str:
    half = len(tick.label) * CHARACTER / 2
    if tick.at * _NARROWEST + left < half:
        return "start"
    return "end" if (1 - tick.at) * _NARROWEST + MARGIN < half else "middle"
