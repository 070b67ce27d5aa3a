"""Servers that are stopped, restarted or frozen, or lose the processes of their connections."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..case import Case, matrix
from ..servers import Ssh
from ..world import World


@contextmanager
def stopped(world: World) -> Iterator[None]:
    """Killed, and started again."""
    world.target.stop()
    try:
        yield
    finally:
        world.target.start()


@contextmanager
def restarted(world: World) -> Iterator[None]:
    """Killed and at once started again, three times."""
    for _ in range(3):
        world.target.stop()
        world.target.start()
        time.sleep(0.3)
    yield


@contextmanager
def frozen(world: World) -> Iterator[None]:
    """Its processes do nothing, while the kernel goes on taking connections for them."""
    world.target.freeze()
    try:
        yield
    finally:
        world.target.thaw()


@contextmanager
def cut(world: World) -> Iterator[None]:
    """The process of every connection is killed, again and again; the listener lives."""
    assert isinstance(world.target, Ssh)
    for _ in range(5):
        world.target.sshd.cut()
        time.sleep(0.3)
    yield


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
        "server restarted", restarted, ("refused", "reset"), seconds=0, felt=False, back_within=2.0
    ),
    *matrix("server frozen, longer than the timeout", frozen, _LATE, seconds=4, back_within=2.0),
    *matrix(
        "server frozen, shorter than the timeout",
        frozen,
        felt=False,
        keys=_PATIENT,
        back_within=2.0,
    ),
    *matrix(
        "processes of connections killed",
        cut,
        ("reset",),
        protocols=("sftp",),
        seconds=0,
        felt=False,
        back_within=2.0,
    ),
]
