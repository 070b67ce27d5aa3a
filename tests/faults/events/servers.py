"""Servers that are stopped, restarted or frozen, or lose the processes of their connections."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..case import Case, matrix
from ..observed import TARGET, Observed
from ..servers import Ssh
from ..world import World


@contextmanager
def stopped(world: World) -> Iterator[None]:
    """Kill the server, then start it again."""
    world.target.stop()
    try:
        yield
    finally:
        world.target.start()


@contextmanager
def restarted(world: World) -> Iterator[None]:
    """Kill the server and start it at once, ten times."""
    for pause in _pauses():
        world.target.stop()
        world.target.start()
        time.sleep(pause)
    yield


@contextmanager
def frozen(world: World) -> Iterator[None]:
    """Freeze the server's processes, while the kernel accepts connections for them."""
    world.target.freeze()
    try:
        yield
    finally:
        world.target.thaw()


@contextmanager
def cut(world: World) -> Iterator[None]:
    """Kill the processes of connections for three seconds; the listener stays.

    So often that one of them is in a transfer: a connection of a single one is short, and others
    are idle most of the time.
    """
    assert isinstance(world.target, Ssh)
    dice, end = random.Random(7), time.monotonic() + 3
    while time.monotonic() < end:
        _wait_for_a_connection(world.target)
        world.target.sshd.cut()
        time.sleep(dice.uniform(0.02, 0.1))
    yield


@contextmanager
def halted(world: World) -> Iterator[None]:
    """Freeze the processes of the present connections; the listener makes new ones."""
    assert isinstance(world.target, Ssh)
    _wait_for_a_connection(world.target)
    for pid in world.target.sshd.children():
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        world.target.thaw()


def _others_are_used(seen: Observed) -> Iterator[str]:
    """Require a success of a transfer that began while the others waited."""
    wait = seen.began + 2 + 0.5  # connect_timeout
    if not any(
        line["outcome"] == "ok" and line["start"] > wait and line["end"] < seen.over
        for line in seen.results[TARGET]
    ):
        yield "no other connection was used"


def _wait_for_a_connection(ssh: Ssh) -> None:
    for _ in range(5000):
        if ssh.sshd.children():
            return
        time.sleep(0.001)


def _pauses() -> list[float]:
    dice = random.Random(7)
    return [dice.uniform(0.05, 0.4) for _ in range(10)]


_PATIENT = {"timeout": "8s", "connect_timeout": "6s"}
_LATE = ("timeout", "connect_timeout")

CASES: list[Case] = [
    *matrix(
        "server stopped",
        stopped,
        ("refused", "reset"),
        back_within=2.0,
        fast=("http open", "sftp open"),
    ),
    *matrix(
        "server restarted",
        restarted,
        ("refused", "reset"),
        seconds=0,
        felt=False,
        back_within=2.0,
    ),
    *matrix("server frozen, longer than the timeout", frozen, _LATE, seconds=4, back_within=2.0),
    *matrix(
        "server frozen, shorter than the timeout",
        frozen,
        felt=False,
        keys=_PATIENT,
        back_within=2.0,
    ),
    *[
        case
        for name, keys in (("", {}), (", without reuse", {"reuse": False, "rate": "5/s"}))
        for case in matrix(
            f"processes of connections killed{name}",
            cut,
            ("reset",),
            protocols=("sftp",),
            seconds=0,
            keys=keys,
            back_within=2.0,
        )
    ],
    *matrix(
        "processes of connections frozen",
        halted,
        ("timeout",),
        protocols=("sftp",),
        seconds=5,
        back_within=2.0,
        also=_others_are_used,
        fast=("sftp open",),
    ),
]
