"""A file system that hangs, for a while, under the log, the results or the files of one job."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.hung_disk import HungDisk, hung_disk

from ..case import Case
from ..observed import TARGET
from ..world import World
from .undelayed import both_ends

_disks: dict[World, HungDisk] = {}  # those that are mounted


@contextmanager
def _disk(world: World) -> Iterator[HungDisk]:
    """Mount one; the bench itself uses only what is behind it."""
    with hung_disk(world.directory) as disk:
        _disks[world] = disk
        try:
            yield disk
        finally:
            del _disks[world]


@contextmanager
def log_there(world: World) -> Iterator[None]:
    """Put the log on it."""
    with _disk(world) as disk:
        world.configuration["logging"]["file"]["path"] = str(disk.path / world.log.name)
        world.log = disk.behind / world.log.name
        yield


@contextmanager
def results_there(world: World) -> Iterator[None]:
    """Put the results on it."""
    with _disk(world) as disk:
        world.configuration["run"]["results"] = str(disk.path / world.results.name)
        world.results = disk.behind / world.results.name
        yield


@contextmanager
def files_there(world: World) -> Iterator[None]:
    """Put the files of the job on it; the neighbour has the same ones on another disk."""
    with _disk(world) as disk:
        shutil.copytree(world.files, disk.behind / "files")
        world.configuration["jobs"][TARGET]["files"] = str(disk.path / "files")
        yield


@contextmanager
def hung(world: World) -> Iterator[None]:
    """Let all its operations hang."""
    _disks[world].hang()
    try:
        yield
    finally:
        _disks[world].go_on()


CASES: list[Case] = [
    *both_ends("log on a hung disk", hung, stage=log_there, fast="waits"),
    *both_ends(
        "results on a hung disk", hung, stage=results_there, unwritten=True, fast="interrupted"
    ),
    *both_ends("log on a hung disk, two workers", hung, stage=log_there, workers=2, unwritten=True),
    *both_ends("files on a hung disk", hung, ("file", "timeout"), stage=files_there, fast="waits"),
]
