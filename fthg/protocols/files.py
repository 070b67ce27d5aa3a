"""Opens the files that are sent: a small one is read at once, a large one never whole."""

from __future__ import annotations

import os
import stat
from functools import partial
from typing import Optional

from .. import native
from ..access import AT_ONCE, Access
from ..content import SMALL, Content, Digests
from ..errors import TransferError
from ..folder import Folder
from ..transfer import Transfer
from .content import FileContent, in_time, state_of
from .remembered import Remembered


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
                state = state_of(in_time(path, access, partial(os.stat, path)))
            if known.state == state:
                return known
        opening = partial(open_file, path, folder, access)
        content = in_time(path, access, opening, _close_unwanted)
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
