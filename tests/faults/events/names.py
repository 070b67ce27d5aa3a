"""The server's name leads elsewhere, or nowhere: fthg has an /etc/hosts of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..case import Case, matrix
from ..observed import Observed
from ..world import World
from .places import known_as, restart, with_mounts
from .rights import nothing_to_mount

_NAME = "files.fthg.test"
_HERE, _THERE, _NOWHERE = "127.0.0.1", "127.0.0.2", "#"


@contextmanager
def own_names(world: World) -> Iterator[None]:
    """fthg knows the target by a name, from a file that only it sees; it asks no name server."""
    _hosts(world).write_text(" " * 80)
    _lead(world, _HERE)
    switch = world.directory / "nsswitch.conf"
    switch.write_text("hosts: files\n")
    world.prefix = with_mounts((_hosts(world), "/etc/hosts"), (switch, "/etc/nsswitch.conf"))
    known_as(world, _NAME)
    restart(world, _HERE)
    yield


@contextmanager
def moved(world: World) -> Iterator[None]:
    """The server goes on at another address; its name follows later."""
    restart(world, _THERE)
    try:
        yield
    finally:
        _lead(world, _THERE)


@contextmanager
def vanished(world: World) -> Iterator[None]:
    """The server is stopped, and nobody knows its name; both come back."""
    world.target.stop()
    _lead(world, _NOWHERE)
    try:
        yield
    finally:
        world.target.start()
        _lead(world, _HERE)


def unknown(seen: Observed) -> Iterator[str]:
    """Failures name the name server's answer."""
    if "dns" not in seen.kinds:
        yield "no failure is of kind dns"


def _lead(world: World, address: str) -> None:
    """In place and by one write: the file is mounted, and read at any moment."""
    with _hosts(world).open("r+b", buffering=0) as file:
        file.write(f"{address} {_NAME}".ljust(79).encode() + b"\n")


def _hosts(world: World) -> Path:
    return world.directory / "hosts"


_GONE = ("refused", "reset")

CASES: list[Case] = [
    *matrix(
        "name leads elsewhere",
        moved,
        _GONE,
        stage=own_names,
        back_within=2.5,
        missing=nothing_to_mount,
        fast=("https open",),
    ),
    *matrix(
        "name vanishes",
        vanished,
        ("dns", *_GONE),
        stage=own_names,
        seconds=3,
        back_within=2.5,
        also=unknown,
        missing=nothing_to_mount,
        fast=("sftp closed",),
    ),
]
