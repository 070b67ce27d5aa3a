"""The delivery of one file as a script of requests and replies; it touches no network.

A step of the script is one request, or a series of one type that may be sent without waiting for
one another. The script goes on once all of them are answered; a bad answer cuts the rest of the
step short.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import Optional, Protocol

from ...content import OnRead
from ...errors import TransferError
from ..bandwidth import Budget
from ..stopwatch import Stopwatch
from . import packets
from .abilities import BLOCK, Abilities
from .packets import Attributes, Handle, Reply, Request, Status
from .refusal import is_bad, is_missing, not_renamed, unchecked_size
from .remote_path import RemoteNames
from .steps import Script, Steps, UploadSettings

AHEAD = 64
"""Requests of one upload that may be unanswered, of which each writes up to 32 KiB."""


_LEAST = Abilities({})


def ignore() -> None:
    """Take no notice: nobody waits for the file."""


class Blocks(Protocol):
    """A file of `size` bytes, read block by block."""

    size: int

    def poll_blocks(self, most: int, on_read: OnRead) -> Generator[bytes, None, None]:
        """Yield all in blocks of at most `most` bytes; raises TransferError (file).

        Never waits: yields b"" while the next one is being read, and calls `on_read` then.
        """


class Delivery(Steps):
    """The steps of one delivery: the file, its checks, its final name and its marker."""

    def __init__(
        self,
        names: RemoteNames,
        content: Blocks,
        settings: UploadSettings,
        watch: Stopwatch,
        budget: Optional[Budget] = None,
    ) -> None:
        super().__init__(names, settings)
        self.warning = ""  # what the server refused, though the file may arrive
        self.sent = 0  # bytes of the file that have been handed over
        self.abilities = _LEAST
        self.ahead = AHEAD  # requests that may be unanswered
        self.limited = False  # the budget decides when the next request may go out
        self.reading = False  # the next request waits for the local file
        self.on_read: OnRead = ignore  # called once it is there
        self._content = content
        self._watch = watch
        self._budget = budget  # of the bytes of the file a second; None: no limit
        self._blocks: Optional[Generator[bytes, None, None]] = None

    def stop_reading(self) -> None:
        """Read no more of the file: the rest is not wanted."""
        self.reading = False
        if self._blocks:
            self._blocks.close()

    def run(self) -> Script:
        """Yield each step and take the first bad reply to it, else the last.

        If a step was cut before a request was sent, the reply is packets.SUCCESS.
        """
        traces, part = self.traces, self.names.part
        reply = yield from self.in_directory(part, self._opening)
        if not isinstance(reply, Handle):
            raise self.refusal(packets.OPEN, part, reply)
        traces.opened = True
        try:
            yield from self._put(reply.handle)
            if part != self.names.target:
                yield from self._rename()
        except TransferError as error:
            self.error = self.error or error
            yield from self._clean_up(reply.handle)
            raise
        traces.delivered = True
        if self.names.marker is not None:
            yield from self._mark(self.names.marker)

    # --- the file

    def _opening(self) -> Request:
        self.traces.opening = True
        return packets.open_file(self.names.part, self.settings.mode)

    def _put(self, handle: bytes) -> Script:
        settings, traces = self.settings, self.traces
        self.check(packets.WRITE, packets.SUCCESS)
        # Many servers write and close asynchronously: a CLOSE would overtake the WRITEs.
        reply = yield self._contents(handle)
        self._watch.enter("waiting")
        self.check(packets.WRITE, reply)
        refused_mode: Reply = packets.SUCCESS
        if settings.mode is not None:
            # The mode of OPEN is subject to the server's umask, and ignored for an existing file.
            refused_mode = yield partial(packets.set_mode, handle, settings.mode)
            self.check(packets.FSETSTAT, packets.SUCCESS)
        reply = yield partial(self._closing, handle)
        traces.stored = traces.closing and not is_bad(reply)
        self.check(packets.CLOSE, reply)
        if settings.mode is not None and is_bad(refused_mode):
            reply = yield partial(packets.set_mode_of, self.names.part, settings.mode)
            self.check(packets.SETSTAT, packets.SUCCESS)
            if is_bad(reply):  # the file itself is there, so its transfer goes on
                self.warning = f"the server does not set the mode: {refused_mode}"
        if settings.check_size:
            self._check_size((yield partial(packets.stat, self.names.part)))

    def _contents(self, handle: bytes) -> Iterator[Optional[Request]]:
        self.traces.used = True
        budget = self._budget
        block = budget.block if budget else self.abilities.block(handle)
        self.ahead = min(AHEAD, AHEAD * BLOCK // block)
        self._blocks = self._content.poll_blocks(block, self.on_read)
        for data in self._blocks:
            self.reading = not data
            if not data:
                yield None
                continue
            offset, self.sent = self.sent, self.sent + len(data)
            if budget:
                budget.take(len(data))
                self.limited = self.sent < self._content.size
            if not offset:
                self._watch.enter("sending")
            yield packets.write(handle, offset, data)

    def _closing(self, handle: bytes) -> Request:
        self.traces.closing = True
        return packets.close(handle)

    def _check_size(self, reply: Reply) -> None:
        self.check(packets.STAT, packets.SUCCESS)
        size = reply.size if isinstance(reply, Attributes) else None
        if size is None:
            raise unchecked_size(self.names.part, reply)
        if size != self._content.size:
            detail = f"{size} bytes at the server, {self._content.size} were sent"
            raise TransferError("size", detail, code=packets.OK)

    def _clean_up(self, handle: bytes) -> Script:
        """Close and remove an incomplete file, so that it is not taken for the whole."""
        traces, names = self.traces, self.names
        if not traces.closing:
            yield partial(packets.close, handle)
        if traces.delivered or (traces.stored and names.part == names.target):
            return
        reply = yield partial(packets.remove, names.part)
        if is_bad(reply) and not is_missing(reply):
            traces.not_removed = str(reply)
        else:
            traces.opened = traces.opening = False

    # --- its final name, and its marker

    def _rename(self) -> Script:
        self._watch.enter("renaming")
        names, traces = self.names, self.traces
        kind = packets.EXTENDED if self.abilities.posix_rename else packets.RENAME
        # Not after its greenlet has given up: then no file may appear any more.
        reply = yield from self.in_directory(names.target, self._renaming)
        traces.delivered = traces.renaming and not is_bad(reply)
        self.check(kind, packets.SUCCESS)
        if isinstance(reply, Status) and is_bad(reply):
            raise not_renamed(kind, names.part, names.target, reply, self.mkdir_error)

    def _renaming(self) -> Request:
        self.traces.renaming = True
        posix = self.abilities.posix_rename
        return packets.rename(self.names.part, self.names.target, posix)

    def _mark(self, marker: bytes) -> Script:
        """Write an empty file; one of that name is emptied."""
        self._watch.enter("waiting")
        try:
            reply = yield from self.in_directory(marker, self._marking)
            if not isinstance(reply, Handle):
                self.traces.marking = False
                raise self.refusal(packets.OPEN, marker, reply)
            self.traces.closing = False
            handle = reply.handle
            if self.settings.mode is not None:  # a server that refuses it refused the file's, too
                yield partial(packets.set_mode, handle, self.settings.mode)
            reply = yield partial(self._closing, handle)
            if not self.traces.closing:  # cut: but the server shall not keep it open
                yield partial(packets.close, handle)
            self.check(packets.CLOSE, reply, marker)
        except TransferError as error:
            raise TransferError(
                error.kind, f"the marker: {error.detail}", code=error.code
            ) from error

    def _marking(self) -> Request:
        assert self.names.marker is not None  # noqa: S101 - only then is it asked for
        self.traces.marking = True
        return packets.open_file(self.names.marker, self.settings.mode)
