from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.results.appending import Tail, append

LINES = [b"one\n", b"two\n", b"three\n"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    yield fd
    os.close(fd)


def tear(fd: int, part: bytes) -> Tail:
    """What a full disk leaves."""
    os.write(fd, part)
    return Tail(cut=True, part=len(part), end=os.fstat(fd).st_size)


def test_lines_follow_one_another(fd: int, path: Path) -> None:
    assert append(fd, LINES, Tail()) == ((), Tail(), None)
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_after_half_a_line_of_an_earlier_run_a_new_one_is_begun(fd: int, path: Path) -> None:
    path.write_bytes(b"{half")
    assert append(fd, LINES, Tail(cut=True)) == ((), Tail(), None)
    assert path.read_bytes() == b"{half\none\ntwo\nthree\n"


def test_a_line_that_was_cut_off_is_gone_on_with(fd: int, path: Path) -> None:
    append(fd, LINES, tear(fd, b"on"))
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_if_another_process_has_written_after_it_it_is_written_again(fd: int, path: Path) -> None:
    tail = tear(fd, b"on")
    with path.open("ab") as other:
        other.write(b"\nother\n")
    append(fd, LINES, tail)
    assert path.read_bytes().splitlines() == [b"on", b"other", b"", b"one", b"two", b"three"]


def test_where_nothing_can_be_written_all_wait() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    waiting, tail, error = append(fd, LINES, Tail())
    os.close(fd)
    assert (waiting, tail) == (LINES, Tail())
    assert error is not None


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can become larger than that."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@given(st.lists(st.integers(0, 9), max_size=20))
def test_whatever_room_there_is_each_time_no_byte_is_lost_or_doubled(rooms: list[int]) -> None:
    waiting: Sequence[bytes] = LINES
    tail = Tail()
    with tempfile.NamedTemporaryFile() as file:
        fd = os.open(file.name, os.O_WRONLY | os.O_APPEND)
        for more in rooms:
            with room(os.fstat(fd).st_size + more):
                waiting, tail, _ = append(fd, waiting, tail)
        append(fd, waiting, tail)
        os.close(fd)
        assert file.read() == b"".join(LINES)
