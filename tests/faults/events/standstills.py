"""fthg itself is stopped for some seconds, at a hundred files a second."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ..case import Case, matrix
from ..observed import NEIGHBOUR, TARGET, Observed
from ..world import World

_RATE = 100
_SECONDS = 5.0


@contextmanager
def patient_neighbour(world: World) -> Iterator[None]:
    """Let the neighbour be of the closed model, which drops nothing."""
    world.configuration["jobs"][NEIGHBOUR].update({"model": "closed", "senders": 1})
    yield


@contextmanager
def stopped(world: World) -> Iterator[None]:
    """Stop the process as by Ctrl-Z, then let it go on."""
    os.kill(world.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(world.pid, signal.SIGCONT)


def caught_up(seen: Observed) -> Iterator[str]:
    """Check that the standstill is named, blamed on no server, and made up for a second at most."""
    if seen.summary.get("outages"):
        yield "an outage of a server is reported"
    spans = [one["seconds"] for one in seen.summary.get("standstills", ())]
    if len(spans) != 1 or not _SECONDS - 1 <= spans[0] <= _SECONDS + 1.5:
        yield f"standstills of {spans} seconds are reported, not one of {_SECONDS:g}"
    lines = seen.results[TARGET]
    late = [line for line in lines if line["start"] and line["due"] < seen.over <= line["start"]]
    if sum(line["start"] < seen.over + 1 for line in late) > _RATE + 5:
        yield f"{len(late)} overdue transfers began in the first second"
    dropped = {line["detail"] for line in lines if line["outcome"] == "dropped"}
    if dropped - {"fthg stood still"}:
        yield f"dropped with other words: {sorted(map(str, dropped))}"


CASES: list[Case] = matrix(
    "fthg stopped for five seconds",
    stopped,
    protocols=("http", "sftp"),
    stage=patient_neighbour,
    seconds=_SECONDS,
    keys={"rate": f"{_RATE}/s", "max_in_flight": 256},
    models=("open",),
    felt=False,
    back_within=2.0,
    also=caught_up,
)
