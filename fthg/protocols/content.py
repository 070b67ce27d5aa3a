"""Reads the files that are sent: a small one at once, a large one never whole into memory."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import partial
from typing import Optional, TypeVar

from .. import native
from ..access import AT_ONCE, Access, NoAnswerError
from ..content import BLOCK, SMALL, Content, Digests
from ..errors import TransferError
from ..folder import Folder
from ..threads import After
from ..transfer import Transfer
from .deadlines import TimeUpError
from .host_limits import host_limit
from .remembered import Remembered

T = TypeVar("T")


class Files:
    """Opens the files of one job, and remembers the small ones while they do not change."""

    def __init__(self) -> None:
        self._known = Remembered[FileContent]()
        self._digests = Remembered[Digests]()  # of large files

    def open(self, transfer: Transfer) -> Content:
        """Return the file's content as it is now, or what was made for this transfer.

        Raises TransferError: file, descriptors, threads. A file system that does not answer is
        given up when the transfer's time is up.
        """
        if transfer.content is not None:
            return transfer.content
        path, folder, access = transfer.path, transfer.folder, transfer.access
        known = self._known.get(path)
        if known is not None:
            state = transfer.state
            if state is None:
                state = state_of(_in_time(path, access, partial(os.stat, path)))
            if known.state == state:
                return known
        opening = partial(open_file, path, folder, access)
        content = _in_time(path, access, opening, _close_unwanted)
        if content.streamed:
            content.digests = self._digests_of(content)
        else:
            self._known.remember(path, content)
        return content

    def _digests_of(self, content: FileContent) -> Digests:
        known = self._digests.get(content.path)
        if known is None or known.state != content.state:
            known = Digests(content.state)
            self._digests.remember(content.path, known)
        return known


def with_content(transfer: Transfer, content: Content) -> Transfer:
    """Return the transfer with size and digests of the content that is really sent."""
    return transfer._replace(size=content.size, content=content)


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
        self._closed = False
        self._users = 1  # of the descriptor: the owner, and each reader

    @property
    def unanswered(self) -> Optional[TransferError]:
        """The error of a file system that has not answered yet; None: nothing is read just now."""
        return unreadable(self.path, NoAnswerError()) if self._users > 1 else None

    @property
    def streamed(self) -> bool:
        """True if it is read block by block, from its own descriptor."""
        return self.small is None

    def read(self, offset: int, most: int = BLOCK) -> bytes:
        """Return the block at `offset`; raises TransferError: file, threads."""
        if self.small is not None:
            return self.small[offset : offset + most]
        self._users += 1
        reading = partial(self.read_at_once, offset, most)
        return _in_time(self.path, self._access, reading, self._leave)

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


def _in_time(
    path: str, access: Access, act: Callable[[], T], after: Optional[After[T]] = None
) -> T:
    try:
        return access(act, after)
    except TimeUpError:  # while it waited for a thread
        raise unreadable(path, NoAnswerError()) from None
    except OSError as error:
        raise unreadable(path, error) from error


def open_file(path: str, folder: Optional[Folder], access: Access = AT_ONCE) -> FileContent:
    """Open a file, and read it if it is small, in any thread; raises OSError or TransferError."""
    # O_NONBLOCK: a pipe would block until something is written to it.
    # O_NOFOLLOW: links were resolved before; one that appeared since is not followed.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
    descriptor = os.open(path, flags) if folder is None else folder.open(path, flags)
    content = None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise TransferError("file", f"{path!r} is not a regular file")
        size, state = status.st_size, state_of(status)
        content = FileContent(path, size, descriptor=descriptor, state=state, access=access)
        if size <= SMALL:
            content = _read(content)
    finally:
        if content is None or not content.streamed:
            native.close(descriptor)
    return content


def _read(content: FileContent) -> FileContent:
    data = content.read_at_once(0)
    while len(data) < content.size:
        data += content.read_at_once(len(data))
    return FileContent(content.path, len(data), small=data, state=content.state)


def _close_unwanted(content: Optional[FileContent], wanted: bool) -> None:
    """Close a file that was opened after the transfer had stopped waiting for it."""
    if content is not None and not wanted:
        content.close()
