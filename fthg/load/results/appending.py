"""Whole lines at the end of a file, though its disk may be full for a while (blocking)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple, Optional


class Tail(NamedTuple):
    """How a file ends: after a line, or within one that was cut off."""

    cut: bool = False
    part: int = 0  # bytes of the first line that waits, which stand there already
    end: int = -1  # how long the file was then


class Appended(NamedTuple):
    """What came of it: the lines that are not there whole, which are to be tried again."""

    waiting: Sequence[bytes]
    tail: Tail
    error: Optional[OSError] = None


def append(fd: int, lines: Sequence[bytes], tail: Tail) -> Appended:
    """Write lines. One that was cut off is gone on with, unless somebody has written after it:
    then what is there of it is left, and it is written whole on a line of its own.
    """
    if tail.part and os.fstat(fd).st_size != tail.end:
        tail = Tail(cut=True)
    data = b"".join(lines)
    if tail.part:
        data = data[tail.part :]
    elif tail.cut:
        data = b"\n" + data
    written, error = _write(fd, data)
    if not written:
        return Appended(lines, tail, error)
    return _waiting(fd, lines, written + (tail.part or -tail.cut), error)


def is_deleted(fd: int) -> bool:
    """True if the file has no name any more: whatever is written there will be lost."""
    return not os.fstat(fd).st_nlink


def _write(fd: int, data: bytes) -> tuple[int, Optional[OSError]]:
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(fd, left) :]
    except OSError as error:
        return len(data) - len(left), error
    return len(data), None


def _waiting(fd: int, lines: Sequence[bytes], there: int, error: Optional[OSError]) -> Appended:
    """The lines after those that are among the first `there` bytes."""
    done = 0
    for index, line in enumerate(lines):
        if done + len(line) > there:
            part = there - done
            tail = Tail(cut=True, part=part, end=_position(fd)) if part else Tail()
            return Appended(lines[index:], tail, error)
        done += len(line)
    return Appended((), Tail(), error)


def _position(fd: int) -> int:
    try:
        return os.lseek(fd, 0, os.SEEK_CUR)
    except OSError:  # a pipe
        return -1
