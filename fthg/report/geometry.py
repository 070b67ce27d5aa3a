"""The geometry of charts: where bars, lines and marks are drawn (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from .axes import Axis
from .charts import HEIGHT, LEAST, WIDTH, Mark, Part
from .labels import CHARACTER, MARGIN, WIDTHS


def slots(count: int, fill: float = 0.84) -> Sequence[tuple[float, float]]:
    """Return left edge and width of `count` bars, each filling a share of its step."""
    slot = 100 / count
    return [
        (round(slot * (index + (1 - fill) / 2), 3), round(slot * fill, 3)) for index in range(count)
    ]


def stack(counts: Mapping[str, float], axis: Axis, query: str = "") -> Sequence[Part]:
    """Stack counts by kind from the bottom up; no part is too thin to be visible.

    What thin parts gain is taken from the largest one. The filter of a part is that of its bar,
    `query`, and its kind as the result.
    """
    heights = {kind: max(axis.place(n) * HEIGHT, LEAST) for kind, n in counts.items() if n}
    if heights:
        largest = max(heights, key=lambda kind: heights[kind])
        whole = axis.place(sum(counts.values())) * HEIGHT
        heights[largest] = max(heights[largest] - sum(heights.values()) + whole, LEAST)
    parts, y = [], float(HEIGHT)
    for kind, height in heights.items():
        y -= height
        parts.append(Part(kind, round(y, 2), round(height, 2), f"{query}&result={kind}"))
    return parts


def column(kind: str, count: int, axis: Axis) -> Sequence[Part]:
    """Return the only part of a bar, none for 0."""
    if not count:
        return ()
    height = max(axis.place(count) * HEIGHT, LEAST)
    return [Part(kind, round(HEIGHT - height, 2), round(height, 2))]


def mark(at: float, label: str) -> Mark:
    """Return a mark at a position from 0 to 1, its label on the side where it has room."""
    room = (1 - at) * WIDTHS[0] + MARGIN
    return Mark(round(at * 100, 2), label, "start" if len(label) * CHARACTER < room else "end")


def middle(index: int, count: int) -> float:
    """Return the middle of one of `count` steps, in units of WIDTH."""
    return round((index + 0.5) * WIDTH / count, 1)


def line_path(values: Sequence[Optional[int]], axis: Axis) -> str:
    """Return a line through the middle of each step, interrupted where there is no value."""
    path, pen = [], "M"
    for point in _points(values, axis):
        path.append(pen + point if point else "")
        pen = "L" if point else "M"
    return " ".join(filter(None, path))


def lone_points(values: Sequence[Optional[int]], axis: Axis) -> str:
    """Return dots for the values that `line_path` connects to no other."""
    points = ["", *_points(values, axis), ""]
    return " ".join(
        f"M{point} h0"  # of length 0: the round ends of the line make it a dot
        for before, point, after in zip(points, points[1:], points[2:])
        if point and not before and not after
    )


def step_path(values: Sequence[Optional[float]], axis: Axis) -> str:
    """Return a line that is level over each step, interrupted where there is no value."""
    path, pen = [], "M0,"
    for index, value in enumerate(values):
        right = f"{round((index + 1) * WIDTH / len(values), 1):g}"
        path += [] if value is None else [f"{pen}{_y(value, axis):g}", f"H{right}"]
        pen = f"M{right}," if value is None else "V"
    return " ".join(path)


def _points(values: Sequence[Optional[int]], axis: Axis) -> Sequence[str]:
    return [
        "" if value is None else f"{middle(index, len(values)):g},{_y(value, axis):g}"
        for index, value in enumerate(values)
    ]


def _y(value: float, axis: Axis) -> float:
    return round(HEIGHT * (1 - axis.place(value)), 1)
