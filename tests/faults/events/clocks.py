"""The wall clock is changed for fthg only: a preloaded library replaces its calls for the time.

Its monotonic clock goes on, and the machine's own clocks are never touched.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tests.servers import need

from ..case import Case, Event, Promise, matrix
from ..observed import NEIGHBOUR, TARGET, Line, Observed
from ..world import World

_PERIOD = {TARGET: 1 / 5, NEIGHBOUR: 1 / 10}  # seconds between due times
_SAME = 0.02  # seconds: two clocks are read, one after the other
_LONGEST = 10.0  # seconds that a transfer may take; a step is an hour
_HOUR = 3600


@contextmanager
def own_clock(world: World) -> Iterator[None]:
    """Let a file set the offset of fthg's wall clock."""
    _offset(world).write_bytes(bytes(8))
    library = world.directory / "wall_clock.so"
    source = Path(__file__).with_name("wall_clock.c")
    command = [need("cc"), "-shared", "-fPIC", "-O", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    world.environment = {"LD_PRELOAD": str(library), "WALL_CLOCK_OFFSET": str(_offset(world))}
    yield


def stepped(seconds: int) -> Event:
    """Return the event that sets the clock forward, or back, and right again."""

    @contextmanager
    def event(world: World) -> Iterator[None]:
        _set(world, seconds)
        try:
            yield
        finally:
            _set(world, 0)

    return event


def _set(world: World, seconds: int) -> None:
    with _offset(world).open("r+b", buffering=0) as file:
        file.write((seconds * 1_000_000_000).to_bytes(8, sys.byteorder, signed=True))


def _offset(world: World) -> Path:
    return world.directory / "clock"


def only_in_times(step: int) -> Promise:
    """Check that the step shows in the results' times, and in nothing else."""

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
    """Yield impossible times of one transfer."""
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
    """Check that due times are a period apart, except at the two steps."""
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
        keys={"rate": "5/s", "reuse": False},
        felt=False,
        also=only_in_times(step),
        back_within=2.0,
        fast=("http open",) if step > 0 else (),
    )
]
