"""fthg has no free file descriptor for a while."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.servers import need

from ..case import Case, matrix
from ..observed import NEIGHBOUR, Observed
from ..world import World
from .servers import frozen

_FEW = 24  # enough for both jobs while all is well
_NONE = 3  # descriptors that may be open: none beyond the standard ones, whatever is open by now


@contextmanager
def exhausted(world: World) -> Iterator[None]:
    """Lower the limit below the number of open ones: they stay, and no new ones can be opened."""
    before = resource.prlimit(world.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(world.pid, resource.RLIMIT_NOFILE, (_NONE, before[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it has ended: the verdict will say so
            resource.prlimit(world.pid, resource.RLIMIT_NOFILE, before)


@contextmanager
def frugal_neighbour(world: World) -> Iterator[None]:
    """Let the neighbour need no new ones: one kept connection, and small, cached files."""
    alone = {"match": "[!12]*", "model": "closed", "senders": 1}
    world.configuration["jobs"][NEIGHBOUR].update(alone)
    yield


@contextmanager
def few(world: World) -> Iterator[None]:
    """Start fthg with few, as after `ulimit -n` in the shell."""
    world.prefix = [need("prlimit"), f"--nofile={_FEW}:{_FEW}"]
    with frugal_neighbour(world):
        yield


@contextmanager
def neighbour_done(world: World) -> Iterator[None]:
    """End the neighbour before: SFTP opens each file again, so it would lack descriptors too."""
    world.configuration["jobs"][NEIGHBOUR]["count"] = 12
    yield


def were_missed(seen: Observed) -> Iterator[str]:
    """Check that some transfers failed for lack of descriptors."""
    if "descriptors" not in seen.kinds:
        yield "no failure is of kind descriptors"


CASES: list[Case] = [
    *matrix(
        "no descriptor left",
        exhausted,
        ("descriptors",),
        protocols=("http", "https"),
        stage=frugal_neighbour,
        seconds=3,
        keys={"reuse": False},
        back_within=2.0,
        fast=("http open",),
    ),
    *matrix(
        "no descriptor left",
        exhausted,
        ("descriptors",),
        protocols=("sftp",),
        stage=neighbour_done,
        seconds=3,
        back_within=2.0,
        fast=("sftp open",),
    ),
    *matrix(
        "few descriptors, and a server that hangs",
        frozen,
        ("descriptors", "timeout", "connect_timeout"),
        protocols=("http", "https"),
        models=("open",),
        stage=few,
        seconds=4,
        back_within=2.0,
        also=were_missed,
    ),
]
