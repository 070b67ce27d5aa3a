"""A file to which a thread appends lines, so that no caller waits for a disk or a reader."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import NamedTuple, Optional

from .. import native
from ..errors import StartError
from .appending import Appended, append, ends_within_line, is_deleted, open_appending
from .failure import unwritable
from .place import is_descriptor
from .writer import Writer

_REOPEN = b""  # among the batches of lines: reopen the file there

FAILED, RECOVERED, RECREATED, KEPT = "failed", "recovered", "recreated", "kept"
"""Notices of a thread: lines cannot be written; they are written again; the file was deleted
and is a new one; it could not be opened again, and the old one stays in use."""


class Notice(NamedTuple):
    """Something that happened in the thread, to be logged by another one."""

    what: str
    reason: str = ""


class LineFile:
    """A file, or a stream, to which batches of whole lines are appended, by a thread of its own.

    StartError, with the file's purpose, if it cannot be opened. Lines that cannot be written wait,
    up to `most` bytes. A deleted file is created again. `moved` returns
    whether the path leads to another file now; the thread calls it. For `pause` see Writer.
    """

    def __init__(
        self,
        path: str,
        purpose: str,
        most: int,
        *,
        moved: Optional[Callable[[int], bool]] = None,
        pause: float = 0.0,
    ) -> None:
        self._path = path
        self._purpose = purpose
        self._has_name = not is_descriptor(path)  # else it can be neither deleted nor rotated
        self._moved = moved
        self._notices = deque[Notice](maxlen=100)
        self._failed = False
        self._stays = False  # it could not be opened again
        self._closed = False
        self._fd = open_lines(self._path, self._purpose)
        self._torn = ends_within_line(self._fd)  # the next line must begin a new one
        self._writer = Writer(self._write, most, len, pause=pause, finish=self._finish)
        try:
            self._writer.start(f"the {purpose} {path}")
        except StartError:
            native.close(self._fd)
            raise

    def put(self, batch: bytes) -> bool:
        """Append whole lines, soon; return False, and leave them, if too much waits already."""
        return not self._closed and self._writer.put(batch)

    @property
    def waiting(self) -> int:
        """The bytes that are not written yet."""
        return self._writer.waiting

    def reopen(self) -> None:
        """Continue in a new file of the same name after what was put so far, as after a rotation;
        if it cannot be opened, in the old one."""
        if self._has_name and not self._closed:
            self._writer.put(_REOPEN)

    def notices(self) -> Iterator[Notice]:
        """Yield what happened in the thread, each once."""
        while self._notices:
            yield self._notices.popleft()

    def close(self, timeout: float) -> int:
        """Write what waits, and close; return the number of lines that are not written.

        Takes at most `timeout` seconds, also if a write hangs: then its lines count as not written,
        though some may have been. Any thread may call it; it needs no hub.
        """
        if self._closed:
            return 0
        self._closed = True
        return sum(count(batch) for batch in self._writer.close(timeout))

    # --- in the thread

    def _write(self, batches: Sequence[bytes]) -> Sequence[bytes]:
        waiting: Sequence[bytes] = ()
        for is_mark, some in groupby(batches, lambda batch: batch == _REOPEN):
            if is_mark:  # also if the lines before it wait: there may be room where the new one is
                self._reopen()
            else:
                waiting = self._append([*waiting, *some])
        return waiting

    def _append(self, batches: Sequence[bytes]) -> Sequence[bytes]:
        try:
            self._follow()
            appended = append(self._fd, batches, self._torn)
        except Exception as error:  # noqa: BLE001 - whatever it is, the lines are tried again
            appended = Appended(batches, self._torn, error)
        self._torn = appended.torn
        self._report_change(appended.error)
        return appended.waiting

    def _follow(self) -> None:
        """Continue in a new file if the present one has lost its name; OSError if it cannot be
        created."""
        if not self._has_name:
            return
        if is_deleted(self._fd):
            self._continue_in(open_appending(self._path))
            self._notices.append(Notice(RECREATED))
        elif self._moved and self._moved(self._fd):
            self._reopen()

    def _reopen(self) -> None:
        try:
            self._continue_in(open_lines(self._path, self._purpose))
            self._stays = False
        except StartError as error:
            if not self._stays:
                self._notices.append(Notice(KEPT, str(error)))
            self._stays = True

    def _continue_in(self, fd: int) -> None:
        old, self._fd = self._fd, fd
        self._torn = ends_within_line(fd)
        with suppress(OSError):  # an error of the old file must not keep the new one from use
            native.close(old)

    def _report_change(self, error: Optional[Exception]) -> None:
        """Report the first failure to write, and the first success after it."""
        if error and not self._failed:
            reason = (isinstance(error, OSError) and error.strerror) or repr(error)
            self._notices.append(Notice(FAILED, reason))
        elif self._failed and not error:
            self._notices.append(Notice(RECOVERED))
        self._failed = error is not None

    def _finish(self) -> None:
        with suppress(OSError):
            native.close(self._fd)


def open_lines(path: str, purpose: str) -> int:
    """Open a file for appending, and return a descriptor to be closed; StartError if that fails."""
    try:
        return open_appending(path)
    except OSError as error:
        raise unwritable(path, error, f"{purpose} ") from None


def count(batch: bytes) -> int:
    """Return the number of lines in a batch."""
    return batch.count(b"\n")
