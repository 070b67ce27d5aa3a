"""Files that are sent from a file system that hangs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest

from fthg.access import Access
from fthg.clock import Clock
from fthg.content import SMALL, Content
from fthg.errors import TransferError
from fthg.protocols.deadlines import Deadlines
from fthg.protocols.files import Files
from fthg.transfer import Transfer
from tests.servers.hung_disk import HungDisk, hung_disk
from tests.waiting import until

WORDS = "cannot be read: the file system does not answer"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[HungDisk]:
    with hung_disk(tmp_path) as disk:
        (disk.behind / "small").write_bytes(b"small")
        (disk.behind / "large").write_bytes(bytes(SMALL) + b"large")
        yield disk


@pytest.fixture
def access() -> Iterator[Access]:
    with closing(Access(local=False)) as access:
        yield access


def transfer(path: Path, access: Access) -> Transfer:
    return Transfer("j", 0, "u", str(path), path.name, 0, 0, access=access)


def opened(files: Files, path: Path, access: Access) -> Content:
    with Deadlines(0.3, Clock()):
        return files.open(transfer(path, access))


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_both_sizes_are_read_by_a_thread(disk: HungDisk, access: Access) -> None:
    before, files = descriptors(), Files()
    for name in ("small", "large", "small"):
        with opened(files, disk.path / name, access) as content:
            assert b"".join(content.blocks(1000)) == (disk.behind / name).read_bytes()
    assert 1 <= access.threads.count <= 2
    until(lambda: descriptors() == before)


@pytest.mark.parametrize("operation", ["stat", "open", "read"])
@pytest.mark.parametrize("name", ["small", "large"])
def test_a_file_that_hangs_fails_when_time_is_up_and_is_closed_in_the_end(
    disk: HungDisk, access: Access, operation: str, name: str
) -> None:
    before, files = descriptors(), Files()

    def read_whole() -> None:
        with Deadlines(0.3, Clock()), files.open(transfer(disk.path / name, access)) as content:
            b"".join(content.blocks())

    disk.hang(operation)
    reading = [gevent.spawn(read_whole) for _ in range(5)]
    gevent.joinall(reading, timeout=5)
    for each in reading:
        assert isinstance(each.exception, TransferError)
        assert each.exception.kind == "file"
        assert each.exception.detail == f"{str(disk.path / name)!r} {WORDS}"
    disk.go_on()
    until(lambda: descriptors() == before)
    read_whole()


def test_a_file_that_hangs_while_its_digest_is_computed_fails_and_the_next_one_has_it(
    disk: HungDisk, access: Access
) -> None:
    before, files = descriptors(), Files()

    def digest() -> bytes:
        with Deadlines(0.5, Clock()), files.open(transfer(disk.path / "large", access)) as content:
            return content.digest("sha256")

    disk.hang("read")
    computing = [gevent.spawn(digest) for _ in range(5)]
    gevent.joinall(computing, timeout=5)
    for each in computing:
        assert isinstance(each.exception, TransferError)
        assert each.exception.kind == "timeout"
        assert "was still being read for its digest" in each.exception.detail
    disk.go_on()
    until(lambda: descriptors() == before)
    assert digest() == hashlib.sha256((disk.behind / "large").read_bytes()).digest()


def test_a_greenlet_that_waits_for_a_file_can_be_killed(disk: HungDisk, access: Access) -> None:
    before, files = descriptors(), Files()
    disk.hang()
    waiting = [gevent.spawn(opened, files, disk.path / "large", access) for _ in range(3)]
    gevent.sleep(0.05)
    gevent.killall(waiting, timeout=1)
    disk.go_on()
    until(lambda: descriptors() == before)
