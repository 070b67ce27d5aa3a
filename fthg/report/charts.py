"""The elements of charts: x in percent of the width, y in pixels from the top (pure).

The template draws them. Widths are relative so that text keeps its size on every screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from .axes import Axis
from .labels import CHARACTER, MARGIN, WIDTHS

HEIGHT = 200
WIDTH = 1000  # units of the paths that are stretched to the full width
LEAST = 2  # pixels: a single failure among thousands remains visible
LINE = 15  # pixels between two labels at the end of lines

Cell = Union[str, int]


class Part(NamedTuple):
    """One piece of a bar, in the colour of `kind`."""

    kind: str
    y: float
    height: float
    filter: str = ""  # as of a bar


class Bar(NamedTuple):
    """One step of the x axis: its pieces, and the text that the pointer shows."""

    x: float
    width: float
    title: str
    parts: Sequence[Part] = ()
    filter: str = ""  # query of what it stands for, as from=1&to=2&result=failed; times in µs


class Curve(NamedTuple):
    """A path in a box of WIDTH × HEIGHT, and the label at its end."""

    kind: str
    label: str
    path: str
    label_y: float
    area: str = ""
    lone: str = ""  # dots for points without a neighbour


class Mark(NamedTuple):
    """A vertical line with a label beside it."""

    x: float
    label: str
    side: str  # of the line: start, or end where the label would leave the chart


class Target(NamedTuple):
    """A horizontal line, and the label at its end."""

    y: float
    label: str


class Cut(NamedTuple):
    """A point that lies beyond the top or bottom of a chart."""

    x: float
    y: float
    up: bool


@dataclass(frozen=True)
class Chart:
    """One chart, with its description in words and its data as a table."""

    name: str
    title: str
    description: str  # one sentence
    x: Axis
    y: Axis
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: Sequence[Bar] = ()
    curves: Sequence[Curve] = ()
    marks: Sequence[Mark] = ()
    legend: Sequence[tuple[str, str]] = ()  # kind, label
    note: str = ""
    target: Optional[Target] = None
    cuts: Sequence[Cut] = ()


def slots(count: int, fill: float = 0.84) -> Sequence[tuple[float, float]]:
    """Return left edge and width of `count` bars, each filling a share of its step."""
    slot = 100 / count
    return [
        (round(slot * (index + (1 - fill) / 2), 3), round(slot * fill, 3)) for index in range(count)
    ]


def stack(counts: Mapping[str, int], axis: Axis, query: str = "") -> Sequence[Part]:
    """Stack counts by kind from the bottom up; no part is too thin to be visible.

    What thin parts gain is taken from the largest one. The filter of a part is `query` and its
    kind as `result`.
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


def target(value: float, axis: Axis) -> Target:
    """Return a line at a value."""
    return Target(_y(value, axis), "target")


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


def step_path(values: Sequence[int], axis: Axis) -> str:
    """Return a line that is level over each step."""
    path = ""
    for index, value in enumerate(values):
        right = round((index + 1) * WIDTH / len(values), 1)
        path += f"{'V' if path else 'M0,'}{_y(value, axis):g} H{right:g} "
    return path.rstrip()


def _points(values: Sequence[Optional[int]], axis: Axis) -> Sequence[str]:
    return [
        "" if value is None else f"{middle(index, len(values)):g},{_y(value, axis):g}"
        for index, value in enumerate(values)
    ]


def _y(value: float, axis: Axis) -> float:
    return round(HEIGHT * (1 - axis.place(value)), 1)
