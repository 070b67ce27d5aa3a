"""The local file of one upload, read in blocks, and proved not to change meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator

from gevent import monkey

from ...errors import TransferError

_close = monkey.get_original("os", "close")  # gevent's own asks the system twice before

BLOCK = 32 * 1024
"""Bytes in one WRITE: the most that every SFTP server must take."""


class Source:
    """An open local file of a fixed `size` in bytes; TransferError of kind file if it changes."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            # Without O_NONBLOCK a named pipe would wait for its writer for ever; and what was no
            # link when it was looked at is none now.
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
            self._file = os.open(path, flags)
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                reason = "this process has no file descriptor left; raise its limit (ulimit -n)"
                raise TransferError("descriptors", reason) from None
            raise self._failure(f"cannot be opened: {error.strerror}") from None
        found = os.fstat(self._file)
        self.size = found.st_size
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise self._failure("is not a regular file")

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Yield (offset, data) to the end of the file; data is empty only if the file is."""
        offset = 0
        while True:
            data = self._read(offset)
            yield offset, data
            offset += len(data)
            if offset == self.size:
                return

    def _read(self, offset: int) -> bytes:
        wanted = min(BLOCK, self.size - offset)
        # One byte more is asked for at the end, to see that the file has not grown.
        last = offset + wanted == self.size
        try:
            data = os.pread(self._file, wanted + last, offset)
        except OSError as error:
            raise self._failure(f"cannot be read: {error.strerror}") from None
        if len(data) != wanted:
            change = "grew" if len(data) > wanted else "shrank"
            raise self._failure(f"{change} while it was sent; it had {self.size} bytes")
        return data

    def close(self) -> None:
        """Give the descriptor back; may be called twice."""
        file, self._file = self._file, -1
        if file >= 0:
            _close(file)

    def _failure(self, reason: str) -> TransferError:
        return TransferError("file", f"{self._path!r} {reason}")
