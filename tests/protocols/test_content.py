"""Reading a file whose file system may hang, for a caller that may not wait."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gevent
import pytest
from gevent.event import Event

from fthg.access import Access
from fthg.clock import Clock
from fthg.content import SMALL, Content
from fthg.errors import TransferError
from fthg.protocols.deadlines import Deadlines
from fthg.protocols.files import Files
from fthg.threads import Threads
from fthg.transfer import Transfer
from tests.limited_threads import LimitedThreads
from tests.servers.hung_disk import HungDisk, hung_disk
from tests.waiting import until

BLOCK = SMALL // 3


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[HungDisk]:
    with hung_disk(tmp_path) as disk:
        (disk.behind / "small").write_bytes(b"small")
        (disk.behind / "large").write_bytes(os.urandom(SMALL) + b"large")
        yield disk


def opened(path: Path, access: Access) -> Content:
    with Deadlines(5, Clock()):
        return Files().open(Transfer("j", 0, "u", str(path), path.name, 0, 0, access=access))


@pytest.fixture
def far(disk: HungDisk) -> Iterator[Content]:
    """A large file on a file system that may hang, of which nothing was read so far."""
    with closing(Access(local=False)) as access, opened(disk.path / "large", access) as content:
        yield content


def polled(content: Content) -> Iterator[bytes]:
    """Yield all blocks, also those that are not there yet, and wait after each of these."""
    there = Event()
    for block in content.poll_blocks(BLOCK, there.set):
        yield block
        if not block:
            assert there.wait(5)
        there.clear()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize(("name", "local"), [("small", False), ("large", True)])
def test_what_is_there_at_once_is_never_waited_for(disk: HungDisk, name: str, local: bool) -> None:
    with closing(Access(local=local)) as access:
        path = disk.behind / name
        with opened(path, access) as content:
            assert b"".join(content.poll_blocks(BLOCK, pytest.fail)) == path.read_bytes()


def test_a_file_stays_where_it_is_though_another_directory_takes_the_place_of_its_own(
    disk: HungDisk,
) -> None:
    path = disk.behind / "large"
    with closing(Access(local=True)) as access, opened(path, access) as content:
        access.local = False
        assert b"".join(content.poll_blocks(BLOCK, pytest.fail)) == path.read_bytes()
        assert access.threads.count == 0


def test_blocks_that_are_being_read_are_empty_until_the_caller_is_told(
    disk: HungDisk, far: Content
) -> None:
    found = list(polled(far))
    assert b"".join(found) == (disk.behind / "large").read_bytes()
    assert b"" in found
    assert max(map(len, found)) == BLOCK


def test_the_next_block_is_read_while_the_one_before_is_used(far: Content) -> None:
    there = Event()
    blocks = far.poll_blocks(BLOCK, there.set)
    assert next(blocks) == b""
    for _ in range(3):
        assert there.wait(5)  # from the second one on, though nobody has asked for it
        there.clear()
        assert len(next(blocks)) == BLOCK


def test_a_hanging_read_keeps_nobody_and_its_file_is_closed_in_the_end(disk: HungDisk) -> None:
    before = descriptors()
    with closing(Access(local=False)) as access:
        content = opened(disk.path / "large", access)
        disk.hang("read")
        there = Event()
        blocks = content.poll_blocks(BLOCK, there.set)
        assert [next(blocks) for _ in range(3)] == [b""] * 3
        blocks.close()
        content.close()
        gevent.sleep(0.05)
        assert descriptors() == before + 1
        disk.go_on()
        assert there.wait(5)
        until(lambda: descriptors() == before)


def test_an_error_names_the_file(disk: HungDisk, far: Content) -> None:
    (disk.behind / "large").write_bytes(b"shrunk")
    with pytest.raises(TransferError, match="large' shrank while it was sent, from 65541 to 6"):
        list(polled(far))


def test_a_host_without_a_thread_is_no_fault_of_the_file(disk: HungDisk) -> None:
    threads = Threads(1, 0.01, LimitedThreads(1))
    access = Access(local=False, threads=threads)
    with opened(disk.path / "large", access) as content:
        until(lambda: not threads.count)  # the one that opened it has ended
        with pytest.raises(TransferError) as caught:
            list(polled(content))
    assert caught.value.kind == "threads"


def test_the_error_of_a_file_system_that_does_not_answer_names_the_file(
    disk: HungDisk, far: Content
) -> None:
    assert str(far.unanswered) == (
        f"file: {str(disk.path / 'large')!r} cannot be read: the file system does not answer"
    )
