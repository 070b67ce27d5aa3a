from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from gevent import monkey
from hypothesis import given
from hypothesis import strategies as st

from fthg.writing.appending import append, append_line, ends_within_line, open_appending

from .disk import room

close = monkey.get_original("os", "close")  # gevent's leaves a pipe open for a while

LINES = [b"one\n", b"two\n", b"three\n"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    yield fd
    os.close(fd)


def test_lines_follow_one_another(fd: int, path: Path) -> None:
    assert append(fd, LINES, torn=False) == ([], False, None)
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_after_half_a_line_of_an_earlier_run_a_new_one_is_begun(fd: int, path: Path) -> None:
    path.write_bytes(b"{half")
    assert append(fd, LINES, torn=True) == ([], False, None)
    assert path.read_bytes() == b"{half\none\ntwo\nthree\n"


def test_what_a_full_disk_took_of_a_line_is_taken_back(fd: int, path: Path) -> None:
    with room(6):
        waiting, torn, error = append(fd, LINES, torn=False)
    assert (waiting, torn) == ([b"two\n", b"three\n"], False)
    assert error is not None
    assert path.read_bytes() == b"one\n"


def test_where_nothing_can_be_written_all_wait() -> None:
    fd = os.open("/dev/full", os.O_WRONLY)
    waiting, torn, error = append(fd, LINES, torn=False)
    os.close(fd)
    assert (waiting, torn) == (LINES, False)
    assert error is not None


def test_a_lock_that_a_stranger_keeps_holds_up_nothing_for_long(fd: int, path: Path) -> None:
    with path.open("rb") as stranger:
        fcntl.flock(stranger, fcntl.LOCK_EX)
        assert append(fd, LINES, torn=False) == ([], False, None)
    assert path.read_bytes() == b"one\ntwo\nthree\n"


@given(
    st.lists(st.integers(0, 9), max_size=20),
    st.sampled_from([LINES, [b"".join(LINES)], [LINES[0], b"".join(LINES[1:])]]),
)
def test_whatever_room_there_is_each_time_no_byte_is_lost_or_doubled(
    rooms: list[int], batches: list[bytes]
) -> None:
    waiting: Sequence[bytes] = batches
    torn = False
    with tempfile.NamedTemporaryFile() as file:
        fd = os.open(file.name, os.O_WRONLY | os.O_APPEND)
        for more in rooms:
            with room(os.fstat(fd).st_size + more):
                waiting, torn, _ = append(fd, waiting, torn)
        append(fd, waiting, torn)
        os.close(fd)
        assert file.read() == b"".join(LINES)


WRITER = """
import json, os, random, resource, sys
from fthg.writing.appending import append, append_line, ends_within_line, open_appending
fd = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
waiting, torn, dice = [], False, random.Random(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
for number in range(300):
    waiting = [*waiting, (json.dumps([sys.argv[2], number]) + "\\n").encode()]
    room = os.fstat(fd).st_size + dice.randrange(20)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    waiting, torn, _ = append(fd, waiting, torn)
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
append(fd, waiting, torn)
"""


def test_several_processes_that_meet_with_a_full_disk_lose_no_line(path: Path) -> None:
    path.touch()
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    found = sorted(json.loads(line) for line in path.read_bytes().splitlines())
    assert found == [[name, number] for name in "abc" for number in range(300)]


def test_a_part_of_a_single_line_stays_and_the_next_line_begins_after_it(
    fd: int, path: Path
) -> None:
    with room(2):
        waiting, torn, error = append_line(fd, b"three\n", torn=False)
    assert (waiting, torn) == ([b"three\n"], True)
    assert error is not None
    assert append_line(fd, b"four\n", torn) == ([], False, None)
    assert path.read_bytes() == b"th\nfour\n"


@pytest.mark.parametrize(
    ("content", "torn"), [(b"", False), (b"one\n", False), (b"one\ntw", True), (b"\n", False)]
)
def test_a_file_that_ends_within_a_line_is_recognized(
    fd: int, path: Path, content: bytes, torn: bool
) -> None:
    path.write_bytes(content)
    path.rename(path.with_name("moved"))
    assert ends_within_line(fd) is torn


def test_a_device_ends_within_no_line() -> None:
    with open("/dev/null", "wb") as file:
        assert not ends_within_line(file.fileno())


def test_a_pipe_that_nobody_reads_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device or address"):
        open_appending(str(tmp_path / "pipe"))


def test_a_dangling_link_creates_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    os.close(open_appending(str(tmp_path / "link")))
    assert (tmp_path / "target").stat().st_mode & ~0o640 & 0o777 == 0


def test_of_a_batch_that_a_pipe_took_a_part_of_only_the_rest_waits() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    lines = [b"%06d\n" % number for number in range(15_000)]
    waiting, torn, error = append(writer, [b"".join(lines)], torn=False)
    assert isinstance(error, BlockingIOError)
    text = os.read(reader, 1 << 20)
    assert append(writer, waiting, torn)[0] == []
    close(writer)
    text += b"".join(iter(lambda: os.read(reader, 1 << 20), b""))
    os.close(reader)
    found = [line for line in text.splitlines(keepends=True) if len(line) == len(lines[0])]
    assert found == lines


def test_a_socket_is_written_to_as_under_systemd() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        fd = open_appending(f"/dev/fd/{theirs.fileno()}")
        assert append(fd, [b"line\n"], torn=False) == ([], False, None)
        assert ours.recv(100) == b"line\n"
        os.close(fd)


DUPLICATES = """
import os, sys
from fthg.writing.appending import append, open_appending
os.write(1, b"first\\n")
for path in sys.argv[1:]:
    append(open_appending(path), [path.encode() + b"\\n"], torn=False)
os.write(1, b"last\\n")
"""


def test_standard_output_is_not_opened_again(tmp_path: Path) -> None:
    names = ["-", "/dev/stdout", "/dev/fd/1"]
    with (tmp_path / "file").open("w") as file:
        subprocess.run([sys.executable, "-c", DUPLICATES, *names], check=True, stdout=file)
    assert (tmp_path / "file").read_text().splitlines() == ["first", *names, "last"]
