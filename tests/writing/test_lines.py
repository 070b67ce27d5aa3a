from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

from fthg.errors import StartError
from fthg.writing.lines import FAILED, KEPT, RECOVERED, RECREATED, LineFile

from .disk import room

PATIENCE = 10.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


def opened(path: Path) -> LineFile:
    return LineFile(str(path), "test file", 1 << 20)


def said(file: LineFile, count: int) -> list[str]:
    """Return the notices of the thread, once there are so many."""
    found: list[str] = []
    with gevent.Timeout(PATIENCE):
        while len(found) < count:
            found += [notice.what for notice in file.notices()]
            gevent.sleep(0.01)
    return found


def test_what_was_put_before_it_is_opened_again_goes_to_the_old_file(
    path: Path, tmp_path: Path
) -> None:
    file = opened(path)
    for number in range(3):
        file.put(b"%d\n" % number)
        file.reopen()
    file.put(b"3\n")
    assert file.close(PATIENCE) == 0
    assert path.read_bytes() == b"0\n1\n2\n3\n"
    file = opened(path)
    path.rename(tmp_path / "old")
    file.put(b"4\n")
    file.reopen()
    file.put(b"5\n")
    assert file.close(PATIENCE) == 0
    assert (tmp_path / "old").read_bytes() == b"0\n1\n2\n3\n4\n"
    assert path.read_bytes() == b"5\n"


def test_lines_that_the_old_file_does_not_take_go_to_the_new_one(
    path: Path, tmp_path: Path
) -> None:
    path.write_bytes(b"x" * 1000 + b"\n")
    file = opened(path)
    with room(900):
        file.put(b"1\n2\n")
        assert said(file, 1) == [FAILED]
        path.rename(tmp_path / "old")
        file.reopen()
        file.put(b"3\n")
        assert said(file, 1) == [RECOVERED]
    assert file.close(PATIENCE) == 0
    assert path.read_bytes() == b"1\n2\n3\n"


def test_a_file_that_cannot_be_opened_again_is_said_once_and_the_old_one_goes_on(
    tmp_path: Path,
) -> None:
    (tmp_path / "here").mkdir()
    file = opened(tmp_path / "here" / "lines")
    (tmp_path / "here").rename(tmp_path / "there")
    for number in range(3):
        file.put(b"%d\n" % number)
        file.reopen()
    assert file.close(PATIENCE) == 0
    assert [notice.what for notice in file.notices()] == [KEPT]
    assert (tmp_path / "there" / "lines").read_bytes() == b"0\n1\n2\n"


def test_a_deleted_file_is_created_again(path: Path) -> None:
    file = opened(path)
    path.unlink()
    file.put(b"1\n")
    assert file.close(PATIENCE) == 0
    assert [notice.what for notice in file.notices()] == [RECREATED]
    assert path.read_bytes() == b"1\n"


def test_lines_that_are_never_taken_are_counted_one_by_one() -> None:
    file = opened(Path("/dev/full"))
    file.put(b"1\n2\n3\n")
    file.put(b"4\n")
    assert file.close(PATIENCE) == 4
    assert not file.put(b"5\n")
    assert file.close(PATIENCE) == 0


def test_after_a_start_that_failed_nothing_is_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(StartError, match=r"test file .* cannot be written"):
        opened(tmp_path / "gone" / "lines")
    assert len(os.listdir("/proc/self/fd")) == before


NO_THREADS = """
import os, resource, sys
from fthg.errors import StartError
from fthg.writing.lines import LineFile
if os.getuid() == 0:  # whom this limit does not concern
    os.setgid(54321)
    os.setuid(54321)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
before = len(os.listdir("/proc/self/fd"))
try:
    LineFile("/dev/null", "results file", 1)
except StartError as error:
    print(error, len(os.listdir("/proc/self/fd")) - before)
"""


def test_where_no_thread_can_be_started_it_says_so_and_nothing_stays_open() -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_THREADS], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("no thread can be started for the results file /dev/null: ")
    assert done.stdout.endswith(" 0\n")
