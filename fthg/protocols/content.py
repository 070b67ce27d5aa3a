"""A file that is sent, and reading it: in threads where its file system may hang."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from functools import partial
from typing import Optional, TypeVar

from .. import native
from ..access import AT_ONCE, Access, NoAnswerError
from ..content import BLOCK, Content, OnRead
from ..errors import TransferError
from ..threads import After, Call
from .deadlines import TimeUpError
from .host_limits import host_limit

T = TypeVar("T")


class FileContent(Content):
    """An open file of `size` bytes that may not change until its last block is read."""

    def __init__(
        self,
        path: str,
        size: int,
        *,
        small: Optional[bytes] = None,
        descriptor: int = -1,
        state: tuple[int, ...] = (),
        access: Access = AT_ONCE,
    ) -> None:
        super().__init__(size, small)
        self.path = path
        self.cost = size
        self.state = state
        self._descriptor = descriptor
        self._access = access
        self._local = access.local  # that of a job follows its directory
        self._closed = False
        self._users = 1  # of the descriptor: the owner, and each reader

    @property
    def unanswered(self) -> TransferError:
        """The error if its file system does not answer."""
        return unreadable(self.path, NoAnswerError())

    @property
    def streamed(self) -> bool:
        """True if it is read block by block, from its own descriptor."""
        return self.small is None

    def read(self, offset: int, most: int = BLOCK) -> bytes:
        """Return the block at `offset`; raises TransferError: file, threads."""
        if self.small is not None:
            return self.small[offset : offset + most]
        reading = partial(self.read_at_once, offset, most)
        if self._local:
            return _told(self.path, reading)
        self._users += 1
        return in_time(self.path, self._access, reading, self._leave)

    def poll_blocks(self, most: int, on_read: OnRead) -> Generator[bytes, None, None]:
        """Yield as `blocks` does, but never wait: yield b"" while the next block is being read.

        Each is read in a thread while the one before is used, unless it can be read at once.
        """
        if self.small is not None or self._local:
            return self.blocks(most)
        return self._read_ahead(most, on_read)

    def _read_ahead(self, most: int, on_read: OnRead) -> Generator[bytes, None, None]:
        offset, reading = 0, self._begin_read(0, most, on_read)
        try:
            while offset < self.size:
                while not reading.done.ready():
                    yield b""
                block = _told(self.path, reading.result)
                offset += len(block)
                if offset < self.size:
                    reading = self._begin_read(offset, most, on_read)
                yield block
        finally:
            self._access.threads.give_up(reading)

    def _begin_read(self, offset: int, most: int, on_read: OnRead) -> Call[bytes]:
        def ended(*_: object) -> None:
            self._leave()
            on_read()

        self._users += 1
        reading = partial(self.read_at_once, offset, most)
        return _told(self.path, partial(self._access.threads.begin, reading, ended))

    def digest(self, algorithm: str) -> bytes:
        """Return the digest, computed once; raises TransferError: file, threads, timeout."""
        try:
            return super().digest(algorithm)
        except TimeUpError:
            reason = "was still being read for its digest when the time was up"
            raise TransferError("timeout", f"{self.path!r} {reason}") from None

    def _in_thread(self, act: Callable[[], None]) -> None:
        self._users += 1
        try:
            self._access.in_thread(act, self._leave)
        except OSError as error:
            raise unreadable(self.path, error) from error

    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        """Return the block at `offset`, in any thread; raises OSError or TransferError (file)."""
        block = os.pread(self._descriptor, min(most, self.size - offset), offset)
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
        if state_of(now)[:-1] != self.state[:-1]:  # ctime also changes with rights and names
            raise TransferError("file", f"{self.path!r} was written to while it was sent")

    def close(self) -> None:
        """Close the file, once nothing reads it any more."""
        if not self._closed:
            self._closed = True
            self._leave()

    def _leave(self, *_: object) -> None:
        self._users -= 1
        if not self._users and self.streamed:
            self._access.later(partial(native.close, self._descriptor))


def state_of(status: os.stat_result) -> tuple[int, ...]:
    """Return the stat fields that change whenever the content of a file does.

    Programs leave the size and set mtime as they like; ctime, the last, nobody can set.
    """
    return (
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
        status.st_dev,
        status.st_ctime_ns,
    )


def unreadable(path: str, error: OSError) -> TransferError:
    """Return the error of a transfer whose file cannot be used: file, descriptors, threads."""
    if limit := host_limit(error, repr(path)):
        return limit
    reason = "it vanished" if error.errno == errno.ENOENT else error.strerror or str(error)
    return TransferError("file", f"{path!r} cannot be read: {reason}")


def in_time(path: str, access: Access, act: Callable[[], T], after: Optional[After[T]] = None) -> T:
    """Return what a call to the file system returns, until the transfer's time is up.

    Raises TransferError: file, descriptors, threads.
    """
    try:
        return _told(path, partial(access, act, after))
    except TimeUpError:  # while it waited for a thread
        raise unreadable(path, NoAnswerError()) from None


def _told(path: str, act: Callable[[], T]) -> T:
    """Return what `act` returns, and let its error name the file."""
    try:
        return act()
    except OSError as error:
        raise unreadable(path, error) from error
