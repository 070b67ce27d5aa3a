from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fthg.errors import StartError
from fthg.writing import BoundedFile
from fthg.writing.writer import some_write
from tests.unread_pipe import unread_pipe
from tests.waiting import until, until_written

PATIENCE = 10.0
LARGE = "line\n" * 100_000  # more than a pipe takes


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Path]:
    """A pipe whose reader does not read."""
    path = tmp_path / "unread"
    with unread_pipe(path):
        yield path


def write(path: Path, text: str, patience: float = PATIENCE) -> None:
    file = BoundedFile(str(path))
    file.start()
    file.write(text, patience)


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    write(path, LARGE)
    assert path.read_text() == LARGE
    assert os.listdir(tmp_path) == ["file"]


def test_what_cannot_be_written_is_named_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"gone/file cannot be written: .*; create the directory"):
        write(tmp_path / "gone" / "file", "text")


def test_what_hangs_is_an_error_after_a_while(unread: Path) -> None:
    began = time.monotonic()
    with pytest.raises(StartError, match=r"unread cannot be written: .* not answered for 0\.1 s"):
        write(unread, LARGE, 0.1)
    assert time.monotonic() - began < 5


def test_a_text_that_is_offered_is_written_meanwhile_and_the_last_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    file = BoundedFile(str(path))
    file.start()
    file.offer("first")
    until_written(path)
    assert path.read_text() == "first"
    file.offer("second")
    file.write("last", PATIENCE)
    assert path.read_text() == "last"


def test_an_error_that_is_over_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "later" / "file"
    file = BoundedFile(str(path))
    file.start()
    file.offer("first")
    path.parent.mkdir()
    file.write("last", PATIENCE)
    assert path.read_text() == "last"


def test_what_is_offered_to_a_disk_that_hangs_does_not_pile_up(unread: Path) -> None:
    file = BoundedFile(str(unread))
    file.start()
    file.offer(LARGE)
    until(some_write)
    for _ in range(3):
        file.offer("more")
    with pytest.raises(StartError, match="has not answered"):
        file.write("last", 0.1)
