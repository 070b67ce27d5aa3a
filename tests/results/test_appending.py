from __future__ import annotations

import fcntl
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.results.appending import append

LINES = [b"one\n", b"two\n", b"three\n"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    yield fd
    os.close(fd)


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file can become larger than that."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_lines_follow_one_another(fd: int, path: Path) -> None:
    assert append(fd, LINES, cut=False) == ([], False, None)
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_after_half_a_line_of_an_earlier_run_a_new_one_is_begun(fd: int, path: Path) -> None:
    path.write_bytes(b"{half")
    assert append(fd, LINES, cut=True) == ([], False, None)
    assert path.read_bytes() == b"{half\none\ntwo\nthree\n"


def test_what_a_full_disk_took_of_a_line_is_taken_back(fd: int, path: Path) -> None:
    with room(6):
        waiting, cut, error = append(fd, LINES, cut=False)
    assert (waiting, cut) == ([b"two\n", b"three\n"], False)
    assert error is not None
    assert path.read_bytes() == b"one\n"


def test_where_nothing_can_be_written_all_wait() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    waiting, cut, error = append(fd, LINES, cut=False)
    os.close(fd)
    assert (waiting, cut) == (LINES, False)
    assert error is not None


def test_a_lock_that_a_stranger_keeps_holds_up_nothing_for_long(fd: int, path: Path) -> None:
    with path.open("rb") as stranger:
        fcntl.flock(stranger, fcntl.LOCK_EX)
        assert append(fd, LINES, cut=False) == ([], False, None)
    assert path.read_bytes() == b"one\ntwo\nthree\n"


@given(st.lists(st.integers(0, 9), max_size=20))
def test_whatever_room_there_is_each_time_no_byte_is_lost_or_doubled(rooms: list[int]) -> None:
    waiting: Sequence[bytes] = LINES
    cut = False
    with tempfile.NamedTemporaryFile() as file:
        fd = os.open(file.name, os.O_WRONLY | os.O_APPEND)
        for more in rooms:
            with room(os.fstat(fd).st_size + more):
                waiting, cut, _ = append(fd, waiting, cut)
        append(fd, waiting, cut)
        os.close(fd)
        assert file.read() == b"".join(LINES)


WRITER = """
import json, os, random, resource, sys
from fthg.results.appending import append
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
waiting, cut, dice = [], False, random.Random(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for number in range(300):
    waiting = [*waiting, (json.dumps([sys.argv[2], number]) + "\\n").encode()]
    room = os.fstat(fd).st_size + dice.randrange(20)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    waiting, cut, _ = append(fd, waiting, cut)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
append(fd, waiting, cut)
"""


def test_several_processes_that_meet_with_a_full_disk_lose_no_line(path: Path) -> None:
    path.touch()
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = sorted(json.loads(line) for line in path.read_bytes().splitlines())
    assert found == [[name, number] for name in "abc" for number in range(300)]
