"""No file descriptor is left to fthg for a while."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..case import Case, matrix
from ..observed import NEIGHBOUR
from ..world import World

_NONE = 3  # descriptors that may be open: none beyond the standard ones, whatever is open by now


@contextmanager
def exhausted(world: World) -> Iterator[None]:
    """Its limit is lowered beneath what it has open: what is open stays, and nothing new opens."""
    before = resource.prlimit(world.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(world.pid, resource.RLIMIT_NOFILE, (_NONE, before[1]))
    try:
        yield
    finally:
        resource.prlimit(world.pid, resource.RLIMIT_NOFILE, before)


@contextmanager
def frugal_neighbour(world: World) -> Iterator[None]:
    """The neighbour has what it needs: a kept connection, and small files that it remembers."""
    world.configuration["jobs"][NEIGHBOUR]["match"] = "[!12]*"
    yield


@contextmanager
def scarce(world: World) -> Iterator[None]:
    """From the start on there are few, and then the server answers nobody for a while."""
    world.target.freeze()
    try:
        yield
    finally:
        world.target.thaw()


@contextmanager
def few(world: World) -> Iterator[None]:
    """As by `ulimit -n` in the shell that starts it."""
    world.prefix = ["prlimit", "--nofile=28:28"]
    with frugal_neighbour(world):
        yield


_NEW_ONES: dict[str, Any] = {"keys": {"reuse": False}, "back_within": 2.0, "seconds": 3}

CASES: list[Case] = [
    *matrix(
        "no descriptor left",
        exhausted,
        ("descriptors",),
        protocols=("http", "https"),
        stage=frugal_neighbour,
        fast=("http open",),
        **_NEW_ONES,
    ),
]
