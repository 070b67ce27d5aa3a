"""Reads the files that are sent: a small one at once, a large one never whole into memory."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from typing import Optional

from gevent import monkey

from ..errors import TransferError
from ..folder import Folder
from ..transfer import Transfer
from .host_limits import host_limit

SMALL = 64 * 1024
"""Bytes up to which a file is read at once, and remembered."""

BLOCK = 256 * 1024
"""Bytes of a larger file that are in memory at one time."""

REMEMBERED = 16 * 1024 * 1024
"""Bytes of small files that one job keeps in memory."""

_close = monkey.get_original("os", "close")  # gevent's makes two more system calls
_OVERHEAD = 512  # bytes of an entry, about; without it empty files would have no limit


class Files:
    """Opens the files of one job, and remembers the small ones while they do not change."""

    def __init__(self) -> None:
        self._known: dict[str, Content] = {}
        self._held = 0

    def open(self, transfer: Transfer) -> Content:
        """Return the file's content as it is now; raises TransferError: file, descriptors."""
        path = transfer.path
        try:
            known = self._known.get(path)
            if known is not None:
                if known.state == _state(transfer.found or os.stat(path)):
                    return known
                self._forget(path)
            return self._open(path, transfer.folder)
        except OSError as error:
            raise _unreadable(path, error) from error

    def _open(self, path: str, folder: Optional[Folder]) -> Content:
        # O_NONBLOCK: a pipe would block all jobs until something is written to it.
        # O_NOFOLLOW: links were resolved before; one that appeared since is not followed.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
        descriptor = os.open(path, flags) if folder is None else folder.open(path, flags)
        content = None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise TransferError("file", f"{path!r} is not a regular file")
            content = Content(path, status.st_size, descriptor=descriptor, state=_state(status))
            if status.st_size <= SMALL:
                content = self._read(content)
        finally:
            if content is None or not content.streamed:
                _close(descriptor)
        return content

    def _read(self, content: Content) -> Content:
        data = b"".join(content.blocks())
        small = Content(content.path, len(data), small=data, state=content.state)
        self._remember(small)
        return small

    def _remember(self, content: Content) -> None:
        self._known[content.path] = content
        self._held += content.size + _OVERHEAD
        # The newest goes first: files are read in turn, so the oldest one is needed soonest.
        while self._held > REMEMBERED:
            self._forget(next(reversed(self._known)))

    def _forget(self, path: str) -> None:
        self._held -= self._known.pop(path).size + _OVERHEAD


class Content:
    """An open file of `size` bytes that may not change until its last block is read."""

    def __init__(
        self,
        path: str,
        size: int,
        *,
        small: Optional[bytes] = None,
        descriptor: int = -1,
        state: tuple[int, ...] = (),
    ) -> None:
        self.path = path
        self.size = size
        self.small = small  # the whole content; None: it is read block by block
        self.state = state
        self._descriptor = descriptor

    @property
    def streamed(self) -> bool:
        """True if it is read block by block, from its own descriptor."""
        return self.small is None

    def blocks(self, most: int = BLOCK) -> Iterator[bytes]:
        """Yield all bytes, at most so many at once; none of an empty file.

        Raises TransferError (file) before the last block if the file has changed.
        """
        offset = 0
        while offset < self.size:
            block = self.read(offset, most)
            offset += len(block)
            yield block
        if not self.size and self.small is None:
            self._check()

    def read(self, offset: int, most: int = BLOCK) -> bytes:
        """Return the block at `offset`; raises TransferError (file)."""
        if self.small is not None:
            return self.small[offset : offset + most]
        try:
            block = os.pread(self._descriptor, min(most, self.size - offset), offset)
        except OSError as error:
            raise _unreadable(self.path, error) from error
        if not block or offset + len(block) == self.size:
            self._check(read=offset + len(block))
        return block

    def _check(self, read: int = 0) -> None:
        """Raise TransferError if the file has changed: its body would be half old, half new."""
        now = os.fstat(self._descriptor)
        if now.st_size != self.size or read < self.size:
            change = "shrank" if now.st_size < self.size else "grew"
            sizes = f"from {self.size} to {now.st_size} bytes"
            raise TransferError("file", f"{self.path!r} {change} while it was sent, {sizes}")
        if _state(now)[:-1] != self.state[:-1]:  # ctime also changes with rights and names
            raise TransferError("file", f"{self.path!r} was written to while it was sent")

    def close(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            _close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Content:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _state(status: os.stat_result) -> tuple[int, ...]:
    """Return what differs between one content of a file and another.

    Programs leave the size and set mtime as they like; ctime, the last, nobody can set.
    """
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
        status.st_dev,
        status.st_ctime_ns,
    )


def _unreadable(path: str, error: OSError) -> TransferError:
    if limit := host_limit(error, repr(path)):
        return limit
    reason = "it vanished" if error.errno == errno.ENOENT else error.strerror or str(error)
    return TransferError("file", f"{path!r} cannot be read: {reason}")
