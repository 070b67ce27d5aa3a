"""fthg's host has no free local port for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..case import Case, matrix
from ..observed import Observed
from ..world import World
from .descriptors import frugal_neighbour
from .link import alone, run_in
from .rights import no_namespace

_RESERVED = "/proc/sys/net/ipv4/ip_local_reserved_ports"


@contextmanager
def frugal_and_alone(world: World) -> Iterator[None]:
    """Let the neighbour need no port later; the namespace has ports of its own."""
    with frugal_neighbour(world), alone(world):
        yield


@contextmanager
def no_ports(world: World) -> Iterator[None]:
    """Reserve all ports that the kernel could choose."""
    run_in(world.prefix, f"echo 1024-65535 > {_RESERVED}")
    try:
        yield
    finally:
        run_in(world.prefix, f"echo > {_RESERVED}")


def no_server_blamed(seen: Observed) -> Iterator[str]:
    """Check that no outage is reported: the limit is the host's own."""
    if seen.summary.get("outages"):
        yield "an outage of the server is reported"


CASES: list[Case] = matrix(
    "no local port left",
    no_ports,
    ("ports",),
    protocols=("http", "https"),
    stage=frugal_and_alone,
    seconds=3,
    keys={"reuse": False},
    back_within=2.0,
    also=no_server_blamed,
    missing=no_namespace,
    fast=("http open",),
)
