"""The elements of charts: x in percent of the width, y in pixels from the top (pure).

The template draws them. Widths are relative so that text keeps its size on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Optional, Union

from .axes import Axis

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


class Bar(NamedTuple):
    """One step of the x axis: its pieces, and the text that the pointer shows."""

    x: float
    width: float
    title: str
    parts: Sequence[Part] = ()


class Curve(NamedTuple):
    """A path in a box of WIDTH × HEIGHT, and the label at its end."""

    kind: str
    label: str
    path: str
    label_y: float
    area: str = ""
    lone: str = ""  # dots for points without a neighbour


class Mark(NamedTuple):
    """A vertical line with a label."""

    x: float
    label: str


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


def slots(count: int, fill: float = 0.84) -> Sequence[tuple[float, float]]:
    """Return left edge and width of `count` bars, each filling a share of its step."""
    slot = 100 / count
    return [
        (round(slot * (index + (1 - fill) / 2), 3), round(slot * fill, 3)) for index in range(count)
    ]


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


def _points(values: Sequence[Optional[int]], axis: Axis) -> Sequence[str]:
    return [
        ""
        if value is None
        else f"{middle(index, len(values)):g},{round(HEIGHT * (1 - axis.place(value)), 1):g}"
        for index, value in enumerate(values)
    ]
