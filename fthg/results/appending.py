"""Whole lines at the end of a file, though its disk be full or others write there (blocking)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, Optional

from gevent import monkey

_sleep = monkey.get_original("time", "sleep")
_TRIES, _PAUSE = 100, 0.01  # at a lock, which others hold for no longer than one write


class Appended(NamedTuple):
    """What came of it: the lines that are not there and are to be tried again."""

    waiting: Sequence[bytes]
    cut: bool  # the file ends within a line
    error: Optional[OSError] = None


def append(fd: int, lines: Sequence[bytes], cut: bool) -> Appended:
    """Write lines, after a line end where the file ends within a line.

    What a full disk took of a line is taken back, so that others may write after it.
    """
    head = b"\n" if cut else b""
    with _locked(fd):
        written, error = _write(fd, head + b"".join(lines))
        if not written:
            return Appended(lines, cut, error)
        whole, part = _whole(lines, written - len(head))
        return Appended(lines[whole:], bool(part) and not _taken_back(fd, part), error)


def is_deleted(fd: int) -> bool:
    """True if the file has no name any more: whatever is written there will be lost."""
    return not os.fstat(fd).st_nlink


@contextmanager
def _locked(fd: int) -> Iterator[None]:
    """Keep other processes that write this way from doing so; without locks it goes on as well."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _sleep(_PAUSE)
        except OSError:  # not every file system has them
            break
        else:
            break
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_UN)


def _write(fd: int, data: bytes) -> tuple[int, Optional[OSError]]:
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(fd, left) :]
    except OSError as error:
        return len(data) - len(left), error
    return len(data), None


def _whole(lines: Sequence[bytes], size: int) -> tuple[int, int]:
    """How many lines are among the first `size` bytes, and how many bytes of the next one."""
    for index, line in enumerate(lines):
        if len(line) > size:
            return index, size
        size -= len(line)
    return len(lines), 0


def _taken_back(fd: int, part: int) -> bool:
    try:
        end = os.lseek(fd, 0, os.SEEK_CUR)
        if os.fstat(fd).st_size != end:
            return False
        os.ftruncate(fd, end - part)
    except OSError:  # a pipe, for instance
        return False
    return True
