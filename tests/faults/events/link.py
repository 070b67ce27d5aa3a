"""The link to the server goes down and up: two network namespaces with a cable between them.

fthg and the neighbour's server are at one end, the target at the other. All addresses are of the
loopback range, which the interfaces are set to route.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.servers import need

from ..case import Case, matrix
from ..world import World
from .places import known_as, restart
from .rights import no_namespace

_NEAR, _FAR = "127.1.0.1", "127.1.0.2"
_LINK = "link0"
_CONNECT = (
    "ip link set lo up",
    "ip addr del 127.0.0.1/8 dev lo",  # it would keep all of the range to itself
    "ip addr add 127.0.0.1/32 dev lo",
    "echo 1 > /proc/sys/net/ipv4/conf/{link}/route_localnet",
    "ip addr add {address}/24 dev {link}",
    "ip link set {link} up",
)


@contextmanager
def namespace() -> Iterator[int]:
    """Create a network namespace; yield the id of a process in it."""
    sleeper = subprocess.Popen([need("unshare"), "--net", "sleep", "600"])
    try:
        while os.readlink(f"/proc/{sleeper.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
            time.sleep(0.02)
        yield sleeper.pid
    finally:
        sleeper.kill()
        sleeper.wait(10)


@contextmanager
def alone(world: World) -> Iterator[None]:
    """Give fthg and both servers one namespace of their own, with its loopback."""
    with namespace() as pid:
        world.prefix = _words(pid)
        run_in(world.prefix, "ip link set lo up")
        for server in (world.target, world.other):
            server.stop()
            server.prefix = world.prefix
            server.start()
        yield


@contextmanager
def cabled(world: World) -> Iterator[None]:
    """Connect two namespaces; `prefix` of fthg and of the servers enters them."""
    with namespace() as near, namespace() as far:
        world.prefix = _words(near)
        run_in(world.prefix, f"ip link add {_LINK} type veth peer name {_LINK} netns {far}")
        for end, address in ((_words(near), _NEAR), (_words(far), _FAR)):
            for command in _CONNECT:
                run_in(end, command.format(link=_LINK, address=address))
        world.other.prefix, world.target.prefix = _words(near), _words(far)
        world.other.stop()
        world.other.start()
        known_as(world, _FAR)
        restart(world, _FAR)
        yield


@contextmanager
def near_end_down(world: World) -> Iterator[None]:
    """Cut the link at fthg's host, which notices at once."""
    with _down(world.prefix):
        yield


@contextmanager
def far_end_down(world: World) -> Iterator[None]:
    """Cut the link at the server's host: packets are sent, and none return."""
    with _down(world.target.prefix):
        yield


@contextmanager
def _down(end: Sequence[str]) -> Iterator[None]:
    run_in(end, f"ip link set {_LINK} down")
    try:
        yield
    finally:
        run_in(end, f"ip link set {_LINK} up")


def _words(pid: int) -> list[str]:
    """Return the words before a command that runs in the network of a process."""
    return [need("nsenter"), f"--net=/proc/{pid}/ns/net", "--"]


def run_in(end: Sequence[str], command: str) -> None:
    """Run a shell command in a namespace."""
    subprocess.run([*end, "sh", "-c", command], check=True, timeout=30)


_LATE = ("timeout", "connect_timeout", "unreachable")

CASES: list[Case] = [
    *matrix(
        "link down at our end",
        near_end_down,
        _LATE,
        stage=cabled,
        seconds=4,
        back_within=2.5,
        missing=no_namespace,
        fast=("http open",),
    ),
    *matrix(
        "link down at the server's end",
        far_end_down,
        _LATE,
        stage=cabled,
        seconds=4,
        back_within=2.5,
        missing=no_namespace,
    ),
]
