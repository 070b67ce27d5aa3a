"""The run's own files: a results file that is deleted, logs and results that are rotated."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..case import Case, matrix
from ..world import World


@contextmanager
def deleted(world: World) -> Iterator[None]:
    """Remove the results file; a copy from the same time is for the verdict."""
    os.kill(world.pid, signal.SIGSTOP)
    try:
        shutil.copyfile(world.results, _old(world.results))
        world.results.unlink()
    finally:
        os.kill(world.pid, signal.SIGCONT)
    yield


@contextmanager
def rotated(world: World) -> Iterator[None]:
    """Rename both files and send SIGHUP, as logrotate does."""
    for path in (world.results, world.log):
        path.rename(_old(path))
    os.kill(world.pid, signal.SIGHUP)
    yield


@contextmanager
def joined(world: World) -> Iterator[None]:
    """Prepend the renamed file to the new one afterwards."""
    yield
    for path in (world.results, world.log):
        old = _old(path)
        if old.exists():
            path.write_bytes(old.read_bytes() + (path.read_bytes() if path.exists() else b""))


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.1")


CASES: list[Case] = [
    *matrix(
        "results deleted",
        deleted,
        protocols=("http",),
        stage=joined,
        felt=False,
        fast=("http open",),
    ),
    *matrix(
        "log and results rotated",
        rotated,
        protocols=("http",),
        stage=joined,
        felt=False,
        fast=("http closed",),
    ),
]
