"""A worker that is stopped, and an fthg whose loop has no turn."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..case import Case
from ..observed import NEIGHBOUR, Observed
from ..world import World
from .undelayed import arriving, both_ends, interrupted

_FREEZING = """
import signal

def freeze(*_):
    while True:
        pass

signal.signal(signal.SIGUSR2, freeze)
"""
"""A module that Python imports at its start: the main thread, that of the loop, never goes on."""


@contextmanager
def patient_neighbour(world: World) -> Iterator[None]:
    """Let the neighbour be of the closed model, which drops nothing, with a sender a worker."""
    world.configuration["jobs"][NEIGHBOUR].update({"model": "closed", "senders": 2})
    yield


@contextmanager
def worker_stopped(world: World) -> Iterator[None]:
    """Stop one of two workers."""
    pid = int(Path(f"/proc/{world.pid}/task/{world.pid}/children").read_text().split()[-1])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it was killed by its parent
            os.kill(pid, signal.SIGCONT)


@contextmanager
def able_to_freeze(world: World) -> Iterator[None]:
    """Let SIGUSR2 freeze the loop."""
    directory = world.directory / "modules"
    directory.mkdir()
    (directory / "sitecustomize.py").write_text(_FREEZING)
    world.environment["PYTHONPATH"] = str(directory)
    yield


@contextmanager
def frozen(world: World) -> Iterator[None]:
    """Freeze it for good."""
    os.kill(world.pid, signal.SIGUSR2)
    yield


def nothing_more(_seen: Observed) -> Iterator[str]:
    """Check nothing more: while the loop is frozen, nothing can be sent."""
    yield from ()


CASES: list[Case] = [
    *both_ends(
        "a worker stopped",
        worker_stopped,
        stage=patient_neighbour,
        workers=2,
        also=arriving(5),
        unwritten=True,
        fast="interrupted",
    ),
    *interrupted("loop frozen", frozen, stage=able_to_freeze, also=nothing_more, fast=True),
]
