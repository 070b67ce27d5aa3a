"""Append whole lines to a file, even if its disk is full or other processes write there too."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, Optional

from .. import native
from .place import descriptor

# Not blocking, because opening a pipe that nobody reads would wait for a reader.
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_TRIES, _PAUSE = 100, 0.01  # at a lock, which others hold for no longer than one write


class Appended(NamedTuple):
    """The state after an attempt to append lines."""

    waiting: Sequence[bytes]  # the lines that were not written, to be tried again
    torn: bool  # the file now ends within a line
    error: Optional[Exception] = None


def open_appending(path: str) -> int:
    """Open a file for appending, create it if need be, and return a descriptor to be closed.

    A path that stands for an open descriptor (`-`, `/dev/stdout`) is written after what is there.
    OSError if the file cannot be opened, also where a named pipe has no reader.
    """
    number = descriptor(path)
    if number is not None:
        return os.dup(number)
    fd = os.open(path, _FLAGS, 0o640)
    os.set_blocking(fd, True)
    return fd


def ends_within_line(fd: int) -> bool:
    """Return True if the last line of a file is incomplete, or if the file cannot be read."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        return False
    try:
        # By its descriptor: the file may have been renamed, and `fd` cannot be read from.
        with open(f"/proc/self/fd/{fd}", "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return True


def is_deleted(fd: int) -> bool:
    """Return True if the file has no name any more, so that nobody will find what is written."""
    try:
        return not os.fstat(fd).st_nlink
    except OSError as error:
        if error.errno == errno.ESTALE:  # a file server has deleted it
            return True
        raise


def append(fd: int, lines: Sequence[bytes], torn: bool) -> Appended:
    """Write lines, or batches of them, while no other process appends; begin a new line if the file
    is `torn`.

    If a full disk took a part of a line, that part is removed, so that others may append. It may
    block for a second where another process keeps the lock.
    """
    with locked(fd):
        appended, part = _append(fd, lines, torn)
        if part and _removed(fd, part):
            return appended._replace(torn=False)
        return appended


def append_line(fd: int, line: bytes, torn: bool) -> Appended:
    """Write a line by a single call that needs no lock; begin a new line if the file is `torn`.

    A part that a full disk took of it stays: the end of the file may be another process's.
    """
    return _append(fd, [line], torn)[0]


@contextmanager
def locked(fd: int) -> Iterator[None]:
    """Keep other processes from appending; without a lock after a second, or if there are none."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            native.sleep(_PAUSE)
        except OSError:  # not every file system has them
            break
        else:
            break
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_UN)


def _append(fd: int, lines: Sequence[bytes], torn: bool) -> tuple[Appended, int]:
    """Write lines; return also how many bytes of the first waiting one were written.

    Those of a batch that were written as a whole do not wait.
    """
    head = b"\n" if torn else b""
    written, error = _write(fd, head + b"".join(lines))
    if not written:
        return Appended(lines, torn, error), 0
    whole, part = _count(lines, written - len(head))
    if not part:
        return Appended(lines[whole:], False, error), 0
    batch = lines[whole]
    done = batch.rfind(b"\n", 0, part) + 1
    waiting = [batch[done:], *lines[whole + 1 :]]
    return Appended(waiting, part > done, error), part - done


def _write(fd: int, data: bytes) -> tuple[int, Optional[OSError]]:
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(fd, left) :]
    except OSError as error:
        return len(data) - len(left), error
    return len(data), None


def _count(lines: Sequence[bytes], size: int) -> tuple[int, int]:
    """Return how many lines or batches `size` bytes hold, and how many bytes of the next one."""
    for index, line in enumerate(lines):
        if len(line) > size:
            return index, size
        size -= len(line)
    return len(lines), 0


def _removed(fd: int, part: int) -> bool:
    """Remove the last `part` bytes; return False where that is impossible."""
    try:
        end = os.lseek(fd, 0, os.SEEK_CUR)
        if os.fstat(fd).st_size != end:
            return False
        os.ftruncate(fd, end - part)
    except OSError:  # a pipe, for instance
        return False
    return True
