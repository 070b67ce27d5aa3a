"""Disks that are full for a while: the server's, that of the log, that of the results."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers import need

from ..case import Case, Promise, matrix
from ..observed import Observed
from ..world import World
from .rights import nothing_to_mount

_DISK = "disk"  # the directory of the case in which a small file system is mounted


@contextmanager
def small_disk(directory: Path, size: str) -> Iterator[None]:
    """A file system of its own there; what lies in it afterwards stays in its place."""
    directory.mkdir(exist_ok=True)
    command = [need("mount"), "-t", "tmpfs", "-o", f"size={size}", "fthg-faults", str(directory)]
    subprocess.run(command, check=True, timeout=30)
    kept = directory.with_name(f"{directory.name}-kept")
    try:
        yield
        shutil.copytree(directory, kept)
    finally:
        subprocess.run([need("umount"), "--lazy", str(directory)], check=True, timeout=30)
    shutil.copytree(kept, directory, dirs_exist_ok=True)


def full(directory: Path) -> Iterator[None]:
    """Not a byte can be written there, for the length of a block."""
    filler = directory / ".filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    try:
        yield
    finally:
        filler.unlink()


# --- the server's


@contextmanager
def small_server(world: World) -> Iterator[None]:
    """The server's uploads arrive on a small disk."""
    with small_disk(world.target.incoming, "40m"):
        world.target.stop()
        world.target.incoming.chmod(0o777)
        world.target.start()
        yield
        world.target.stop()


@contextmanager
def server_full(world: World) -> Iterator[None]:
    """And that is full."""
    yield from full(world.target.incoming)


# --- our own


@contextmanager
def small_log(world: World) -> Iterator[None]:
    """The log is on a small disk."""
    with small_disk(world.directory / _DISK, "4m"):
        world.log = world.directory / _DISK / world.log.name
        world.configuration["logging"]["file"]["path"] = str(world.log)
        yield


@contextmanager
def small_results(world: World) -> Iterator[None]:
    """The results are on a small disk."""
    with small_disk(world.directory / _DISK, "4m"):
        world.results = world.directory / _DISK / world.results.name
        world.configuration["run"]["results"] = str(world.results)
        yield


@contextmanager
def ours_full(world: World) -> Iterator[None]:
    """The small disk is full."""
    yield from full(world.directory / _DISK)


def told_once(*words: str) -> Promise:
    """Each of these was told on the terminal, once."""

    def promise(seen: Observed) -> Iterator[str]:
        lines = [line for line in seen.said.splitlines() if not line.startswith("{")]
        for word in words:
            count = sum(word in line for line in lines)
            if count != 1:
                yield f"{word!r} was told {count} times"

    return promise


def lines_counted(seen: Observed) -> Iterator[str]:
    """The terminal tells it once, and the log itself how many lines it lacks."""
    yield from told_once("log file cannot be written")(seen)
    if "log lines were lost" not in seen.said:
        yield "the log does not tell how many lines it lacks"


CASES: list[Case] = [
    *matrix(
        "server's disk full",
        server_full,
        {"http": ["status"], "https": ["status"], "sftp": ["remote"]},
        stage=small_server,
        missing=nothing_to_mount,
        back_within=2.0,
        fast=("http open", "sftp closed"),
    ),
    *matrix(
        "server's disk full, atomic",
        server_full,
        ("remote",),
        protocols=("sftp",),
        stage=small_server,
        keys={"atomic": True},
        missing=nothing_to_mount,
        back_within=2.0,
    ),
    *matrix(
        "log's disk full",
        ours_full,
        protocols=("http",),
        stage=small_log,
        felt=False,
        also=lines_counted,
        missing=nothing_to_mount,
        fast=("http open",),
    ),
    *matrix(
        "results' disk full",
        ours_full,
        protocols=("http",),
        stage=small_results,
        felt=False,
        also=told_once("results cannot be written", "results are written again"),
        missing=nothing_to_mount,
        fast=("http open",),
    ),
]
