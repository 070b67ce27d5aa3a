"""Files that are read several times are the same each time, or it is said that they are not."""

from __future__ import annotations

import errno
import io
import os
from contextlib import ExitStack
from pathlib import Path
from typing import Optional

import pytest

from fthg.errors import StartError
from fthg.results.read import Skipped
from fthg.results.reread import Rereadable, rereadable
from fthg.results.write import result_lines
from tests.load.results_of import result

LINES = result_lines([result(seq=n) for n in range(6)], "r1", 0)


def opened(path: Path) -> Rereadable:
    with ExitStack() as stack:
        (file,) = rereadable([str(path)], io.BytesIO(), stack)
    return file


def seqs(file: Rereadable, skipped: Skipped, at_once: int = 2) -> list[int]:
    return [found.result.seq for block in file.blocks(skipped, at_once) for found in block]


def test_what_is_appended_meanwhile_is_not_read(tmp_path: Path) -> None:
    path, skipped = tmp_path / "r", Skipped()
    path.write_bytes(b"".join(LINES[:3]) + LINES[3][:20])
    file = opened(path)
    path.write_bytes(b"".join(LINES))
    assert [line for line, _ in file.lines()] == [*LINES[:3], LINES[3][:20]]
    assert seqs(file, skipped) == [0, 1, 2]
    assert skipped.tail == (4, 20)


def test_a_file_that_was_empty_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.touch()
    file = opened(path)
    path.write_bytes(b"".join(LINES))
    assert (list(file.lines()), seqs(file, Skipped())) == ([], [])


@pytest.mark.parametrize("left", [0, 1, len(LINES[0]), len(LINES[0]) + 5])
def test_a_file_that_becomes_shorter_is_an_error(tmp_path: Path, left: int) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"".join(LINES))
    file = opened(path)
    os.truncate(path, left)
    with pytest.raises(StartError, match="became shorter while it was read"):
        list(file.lines())
    with pytest.raises(StartError, match="became shorter while it was read"):
        seqs(file, Skipped())


def test_another_file_of_that_name_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"".join(LINES))
    file = opened(path)
    (tmp_path / "other").write_bytes(b"".join(LINES))
    os.replace(tmp_path / "other", path)
    with pytest.raises(StartError, match="was replaced while it was read"):
        list(file.lines())


def test_standard_input_is_read_from_where_it_stands() -> None:
    content = io.BytesIO(b"".join(LINES))
    content.seek(len(LINES[0]))
    with ExitStack() as stack:
        (file,) = rereadable(["-"], content, stack)
        assert [seqs(file, Skipped()) for _ in range(2)] == [[1, 2, 3, 4, 5]] * 2


class Failing(io.BytesIO):
    """A file whose disk fails after its first line."""

    def readline(self, size: Optional[int] = -1, /) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().readline(size)


def test_a_disk_error_amid_a_file_is_an_error_that_names_it() -> None:
    content = b"".join(LINES)
    file = Rereadable("out/r", len(content), held=Failing(content))
    with pytest.raises(StartError, match=r"out/r cannot be read: Input/output error"):
        seqs(file, Skipped())
