"""A directory on a file system that hangs."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.clock import SECOND
from fthg.errors import StartError
from fthg.load.files.passes import names
from fthg.load.files.source import Source
from fthg.load.folders import with_folders
from fthg.load.plan import Plan, unknown
from fthg.protocols.options import Options
from tests.servers.hung_disk import HungDisk, hung_disk


def source(directory: Path, **options: Any) -> Source:
    return Source(str(directory), **options)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[HungDisk]:
    with hung_disk(tmp_path) as disk:
        for name in ("a", "b"):
            (disk.behind / name).touch()
        yield disk


@contextmanager
def made(source: Source) -> Iterator[Source]:
    """Make its way to the files, as a run does at its start."""
    with ExitStack() as stack:
        (job,) = with_folders(Plan("r", (replace(unknown("j"), source=source),)), stack).jobs
        yield job.source


def test_a_directory_that_hangs_is_passed_through_as_it_was_until_it_answers(
    disk: HungDisk,
) -> None:
    with made(source(disk.path)) as files:
        assert not files.access.local
        coming = names(files, time.time_ns)
        assert [next(coming) for _ in range(3)] == ["a", "b", "a"]
        (disk.behind / "c").touch()
        disk.hang()
        began = time.monotonic()
        assert [next(coming) for _ in range(101)] == ["b", *["a", "b"] * 50]
        assert time.monotonic() - began < 1  # half a second once, not at each pass
        disk.go_on()
        gevent.sleep(0.2)
        assert [next(coming) for _ in range(3)] == ["a", "b", "c"]


def test_nothing_is_sent_twice_while_a_directory_hangs_whose_files_are_sent_once(
    disk: HungDisk,
) -> None:
    with made(source(disk.path, repeat=False, min_age=60.0)) as files:
        moments = [1_000 * SECOND]
        os.utime(disk.behind / "a", ns=(0, moments[0]))
        os.utime(disk.behind / "b", ns=(0, 0))
        coming = names(files, lambda: moments[0])
        assert next(coming) == "b"
        disk.hang()
        moments[0] += 61 * SECOND
        assert [next(coming), next(coming)] == [None, None]
        disk.go_on()
        gevent.sleep(0.2)
        assert list(coming) == ["a"]


def test_a_start_in_a_directory_that_hangs_fails_when_its_time_is_over(disk: HungDisk) -> None:
    disk.hang()
    with ExitStack() as stack:
        job = replace(unknown("j"), source=source(disk.path), options=Options(timeout=0.3))
        (job,) = with_folders(Plan("r", (job,)), stack).jobs
        with pytest.raises(StartError, match="the file system does not answer"):
            names(job.source, time.time_ns)


def test_what_is_on_it_or_above_it_is_not_used_local(disk: HungDisk, tmp_path: Path) -> None:
    for path, local in ((disk.path, False), (tmp_path, False), (disk.behind, True)):
        with made(source(path)) as files:
            assert files.access.local == local


def test_a_single_file_on_it_is_not_used_local(disk: HungDisk) -> None:
    for path, local in ((disk.path / "a", False), (disk.behind / "a", True)):
        with made(source(path)) as files:
            assert (files.access.local, files.folder) == (local, None)
            assert next(names(files, time.time_ns)) == ""
