"""The files to send: some are removed, or their directory is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..case import Case, matrix
from ..observed import TARGET
from ..world import World


@contextmanager
def own_files(world: World) -> Iterator[None]:
    """Give the job its own directory, with the same files."""
    shutil.copytree(world.files, _mine(world))
    world.configuration["jobs"][TARGET]["files"] = str(_mine(world))
    yield


@contextmanager
def some_vanish(world: World) -> Iterator[None]:
    """Remove half of the files, then restore them."""
    for path in sorted(_mine(world).iterdir())[::2]:
        path.unlink()
    try:
        yield
    finally:
        shutil.copytree(world.files, _mine(world), dirs_exist_ok=True)


@contextmanager
def directory_removed(world: World) -> Iterator[None]:
    """Remove the directory with all files, then restore it."""
    shutil.rmtree(_mine(world))
    try:
        yield
    finally:
        shutil.copytree(world.files, _mine(world))


def _mine(world: World) -> Path:
    return world.directory / "mine"


CASES: list[Case] = [
    *matrix(
        "files vanish",
        some_vanish,
        ("file",),
        protocols=("http", "sftp"),
        stage=own_files,
        felt=False,
        back_within=2.0,
    ),
    *matrix(
        "directory removed and made again",
        directory_removed,
        ("file", "no_file"),
        protocols=("http", "sftp"),
        stage=own_files,
        back_within=2.0,
        fast=("sftp open",),
    ),
]
