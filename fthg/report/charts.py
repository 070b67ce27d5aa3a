"""The elements of charts: x in percent of the width, y in pixels from the top (pure).

The template draws them. Widths are relative so that text keeps its size on every screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Union

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
    filter: str = ""  # as of a bar


class Bar(NamedTuple):
    """One step of the x axis: its pieces, and the text that the pointer shows."""

    x: float
    width: float
    title: str
    parts: Sequence[Part] = ()
    filter: str = ""  # of the table, as from=1&to=2&result=failed or least=1&most=2, in µs


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


class Band(NamedTuple):
    """A marked span of the x axis, such as an outage."""

    kind: str
    x: float
    width: float
    title: str


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
    cuts: Sequence[Cut] = ()
    bands: Sequence[Band] = ()
