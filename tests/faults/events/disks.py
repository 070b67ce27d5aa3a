"""Full disks: that of the server, of the log, and of the results."""

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
    """Mount a small file system for the length of a block; its files are kept afterwards."""
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
    """Fill a disk completely for the length of a block."""
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
    """Put the server's uploads on a small disk."""
    with small_disk(world.target.incoming, "40m"):
        world.target.stop()
        world.target.incoming.chmod(0o777)
        world.target.start()
        yield
        world.target.stop()


@contextmanager
def server_full(world: World) -> Iterator[None]:
    """Fill the server's disk."""
    yield from full(world.target.incoming)


# --- our own


@contextmanager
def small_log(world: World) -> Iterator[None]:
    """Put the log on a small disk."""
    with small_disk(world.directory / _DISK, "4m"):
        world.log = world.directory / _DISK / world.log.name
        world.configuration["logging"]["file"]["path"] = str(world.log)
        yield


@contextmanager
def small_results(world: World) -> Iterator[None]:
    """Put the results on a small disk."""
    with small_disk(world.directory / _DISK, "4m"):
        world.results = world.directory / _DISK / world.results.name
        world.configuration["run"]["results"] = str(world.results)
        yield


@contextmanager
def ours_full(world: World) -> Iterator[None]:
    """Fill the small disk."""
    yield from full(world.directory / _DISK)


def reported_once(*words: str) -> Promise:
    """Check that the terminal shows each of these texts once."""

    def promise(seen: Observed) -> Iterator[str]:
        lines = [line for line in seen.said.splitlines() if not line.startswith("{")]
        for word in words:
            count = sum(word in line for line in lines)
            if count != 1:
                yield f"{word!r} was reported {count} times"

    return promise


def log_is_whole(seen: Observed) -> Iterator[str]:
    """Check that the terminal reports both ends once, and that all lines waited in memory."""
    yield from reported_once("log file cannot be written", "log file is written again")(seen)
    if "log lines were lost" in seen.said:
        yield "log lines were lost, though a few seconds' lines fit into memory"


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
        also=log_is_whole,
        missing=nothing_to_mount,
        fast=("http open",),
    ),
    *matrix(
        "results' disk full",
        ours_full,
        protocols=("http",),
        stage=small_results,
        felt=False,
        also=reported_once("results cannot be written", "results are written again"),
        missing=nothing_to_mount,
        fast=("http open",),
    ),
]
