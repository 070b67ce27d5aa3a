"""Prometheus' text format, version 0.0.4 (pure).

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Union

from ....clock import SECOND
from ...stats.histogram import Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BOUNDS = tuple(
    step * SECOND // 10_000 * 10**decade
    for decade in range(6)
    for step in (10, 15, 20, 30, 40, 50, 70)
)
"""The upper ends of the buckets of times, in nanoseconds: 1-1.5-2-3-4-5-7, 1 ms to 700 s."""

_ENDS = [*(f"{bound / SECOND:g}" for bound in BOUNDS), "+Inf"]
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class Family(NamedTuple):
    """A metric: its name, type and meaning."""

    name: str
    type: str  # counter, gauge or histogram
    help: str  # one line without backslashes


def labels(**named: str) -> str:
    """Return labels as they stand within braces, their values escaped."""
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in named.items())


def sample(name: str, labelled: str, value: Union[int, float]) -> str:
    """Return the line of one value."""
    return f"{name}{{{labelled}}} {value!r}\n" if labelled else f"{name} {value!r}\n"


def histogram(name: str, labelled: str, times: Histogram) -> str:
    """Return the lines of a histogram of durations, in seconds."""
    before = f"{labelled}," if labelled else ""
    counts = [*times.up_to(BOUNDS), times.count]
    lines = [f'{name}_bucket{{{before}le="{end}"}} {count}\n' for end, count in zip(_ENDS, counts)]
    lines.append(sample(f"{name}_sum", labelled, times.sum / SECOND))
    lines.append(sample(f"{name}_count", labelled, counts[-1]))
    return "".join(lines)


def exposition(families: Iterable[Family], lines: Mapping[str, Iterable[str]]) -> str:
    """Return the whole text, given the lines of each family by its name."""
    found: list[str] = []
    for family in families:
        found += [
            f"# HELP {family.name} {family.help}\n",
            f"# TYPE {family.name} {family.type}\n",
            *lines.get(family.name, ()),
        ]
    return "".join(found)
