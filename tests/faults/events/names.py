"""The server's name resolves to another address, or to none: fthg has its own /etc/hosts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ..case import Case, matrix
from ..observed import Observed
from ..world import World
from .places import known_as, restart, with_mounts
from .rights import nothing_to_mount

_NAME = "files.fthg.test"
_HERE, _THERE, _DEAD, _NOWHERE = "127.0.0.1", "127.0.0.2", "127.0.0.3", "#"


@contextmanager
def own_names(world: World) -> Iterator[None]:
    """Let fthg resolve the target's name from a private file, without a name server."""
    _hosts(world).write_text(" " * 80)
    _lead(world, _HERE)
    switch = world.directory / "nsswitch.conf"
    switch.write_text("hosts: files\n")
    world.prefix = with_mounts((_hosts(world), "/etc/hosts"), (switch, "/etc/nsswitch.conf"))
    known_as(world, _NAME)
    restart(world, _HERE)
    yield


@contextmanager
def two_addresses(world: World) -> Iterator[None]:
    """Let the target's name have another address before its own."""
    with own_names(world):
        _hosts(world).write_text(f"{_DEAD} {_NAME}\n{_HERE} {_NAME}\n")
        yield


@contextmanager
def first_dead(world: World) -> Iterator[None]:
    """Let no packet to the first address be answered: the queue of its port is full."""
    address = (_DEAD, world.target.port)
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(address, backlog=0))
        listener.listen(0)
        for _ in range(3):
            knocking = stack.enter_context(socket.socket())
            knocking.setblocking(False)
            knocking.connect_ex(address)
        yield


@contextmanager
def moved(world: World) -> Iterator[None]:
    """Move the server to another address; its name follows later."""
    restart(world, _THERE)
    try:
        yield
    finally:
        _lead(world, _THERE)


@contextmanager
def vanished(world: World) -> Iterator[None]:
    """Stop the server and remove its name, then restore both."""
    world.target.stop()
    _lead(world, _NOWHERE)
    try:
        yield
    finally:
        world.target.start()
        _lead(world, _HERE)


def unknown(seen: Observed) -> Iterator[str]:
    """Check that failures contain the name server's answer."""
    if "dns" not in seen.kinds:
        yield "no failure is of kind dns"


def _lead(world: World, address: str) -> None:
    """Write a file in place and at once: it is mounted, and read at any time."""
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
    *matrix(
        "first of two addresses dead",
        first_dead,
        stage=two_addresses,
        seconds=3,
        felt=False,
        keys={"reuse": False, "rate": "5/s"},
        missing=nothing_to_mount,
        fast=("http open",),
    ),
]
