"""The wall clock is set while fthg runs: by libfaketime, for it alone; its monotonic clock goes on.

The machine's own clock is never touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Optional

import pytest

from ..case import Case, Event, Promise, matrix
from ..observed import NEIGHBOUR, TARGET, Line, Observed
from ..world import World

_PERIOD = {TARGET: 1 / 20, NEIGHBOUR: 1 / 10}  # seconds between due times, as the world has it
_SAME = 0.02  # seconds: a moment is told by two clocks, which are not read at once
_LONGEST = 10.0  # seconds that anything may take here; a step is an hour
_HOUR = 3600
_LIBRARY = "faketime/libfaketimeMT.so.1"


@contextmanager
def own_clock(world: World) -> Iterator[None]:
    """How far fthg's wall clock is off stands in a file, which is read again each time."""
    _set(world, 0)
    world.environment = {
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(_offset(world)),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    yield


def stepped(seconds: int) -> Event:
    """The clock is set forward, or back, and right again."""

    @contextmanager
    def event(world: World) -> Iterator[None]:
        _set(world, seconds)
        try:
            yield
        finally:
            _set(world, 0)

    return event


def _set(world: World, seconds: int) -> None:
    fresh = world.directory / "clock.new"
    fresh.write_text(f"{seconds:+d}\n")
    fresh.replace(_offset(world))


def _offset(world: World) -> Path:
    return world.directory / "clock"


@cache
def _library() -> Optional[Path]:
    places = [*Path("/usr/lib").glob("*-linux-gnu"), Path("/usr/lib64"), Path("/usr/lib")]
    return next((place / _LIBRARY for place in places if (place / _LIBRARY).exists()), None)


def no_library() -> str:
    """Why the clock cannot be set, or nothing."""
    if _library():
        return ""
    if os.environ.get("CI") == "true":
        pytest.fail("libfaketime is missing")
    return "libfaketime is not installed"


def only_told(step: int) -> Promise:
    """The step shows in the moments that the results tell, and in nothing else."""

    def promise(seen: Observed) -> Iterator[str]:
        for job, lines in seen.results.items():
            in_order = sorted(lines, key=lambda line: line["seq"])
            yield from (f"{job} {line['seq']}: {fault}" for line in lines for fault in _odd(line))
            yield from _moved(job, in_order, step)
        started, ended = (
            datetime.fromisoformat(seen.summary[name].rstrip("Z")) for name in ("started", "ended")
        )
        if not 0 < (ended - started).total_seconds() < 120:
            yield f"the summary says that the run went from {started} to {ended}"

    return promise


def _odd(line: Line) -> Iterator[str]:
    """Times of one transfer that cannot be."""
    if line["start"] is None:
        return
    if not 0 <= line["start"] - line["due"] < _LONGEST:
        yield f"it was {line['start'] - line['due']:.1f} s late"
    if not 0 <= line["end"] - line["start"] < _LONGEST:
        yield f"it took {line['end'] - line['start']:.1f} s"
    for phase, seconds in line["phases"].items():
        if not 0 <= seconds < _LONGEST:
            yield f"{phase} took {seconds:.1f} s"


def _moved(job: str, lines: list[Line], step: int) -> Iterator[str]:
    """Due times are a period apart, but for the two steps."""
    steps = []
    for one, next_one in zip(lines, lines[1:]):
        apart = next_one["due"] - one["due"] - _PERIOD[job]
        if abs(abs(apart) - abs(step)) < _SAME:
            steps.append(apart)
        elif abs(apart) > _SAME:
            yield f"{job} {next_one['seq']} was due {apart:.3f} s off the schedule"
    # Lines are written in the order of their ends: about a step there may be more than one change.
    if not steps or len(steps) % 2:
        yield f"{job}: {len(steps)} steps show; the clock was set twice"


CASES: list[Case] = [
    case
    for name, step in (("an hour forward", _HOUR), ("two hours back", -2 * _HOUR))
    for case in matrix(
        f"clock set {name}",
        stepped(step),
        models=("open",),
        stage=own_clock,
        keys={"reuse": False},
        felt=False,
        also=only_told(step),
        back_within=2.0,
        missing=no_library,
        fast=("http open",) if step > 0 else (),
    )
]
