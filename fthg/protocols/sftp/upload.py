"""Describes one upload as a script of requests and replies; it touches no network.

A step of the script is a series of requests that may go out without waiting for one another. The
script goes on once all of them are answered; a bad answer cuts the rest of the step short.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple, Optional, Protocol

from ...errors import TransferError
from ..bandwidth import Budget
from ..stopwatch import Stopwatch
from . import packets
from .packets import Attributes, Handle, Reply, Request, Status
from .refusal import is_bad, is_missing, refused, show, unchecked_size

BLOCK = 32 * 1024
"""Bytes in one WRITE: the most that every SFTP server must take."""

AHEAD = 64
"""Requests of one upload that may be unanswered: 2 MiB of data, which is OpenSSH's window too."""

Script = Generator[Iterable[Request], Reply, None]

_ANSWERS = {packets.OPEN: Handle, packets.STAT: Attributes}
"""Packet type of a request → class of the good answer, where that is not Status."""


class Blocks(Protocol):
    """A file of `size` bytes, read block by block."""

    size: int

    def blocks(self, most: int) -> Iterator[bytes]:
        """Yield all in blocks of at most so many bytes; raises TransferError (file)."""


class UploadSettings(NamedTuple):
    """The settings that all uploads of a job share."""

    atomic: bool = False
    mkdir: bool = False
    mode: Optional[int] = None
    check_size: bool = False


class Upload:
    """One file on its way to `target`; ends with `done`, and with `error` if it failed."""

    def __init__(
        self,
        target: bytes,
        uuid: str,
        content: Blocks,
        settings: UploadSettings,
        watch: Stopwatch,
        budget: Optional[Budget] = None,
    ) -> None:
        self.done = False
        self.started = False  # True once something of it has been sent
        self.error: Optional[TransferError] = None
        self.warning = ""  # what the server refused, though the file may arrive
        self.sent = 0  # bytes of the file that have been handed over
        self.posix_rename = False  # set by the session, which knows the server
        self.queued = False  # used by the session, which asks each of its uploads in turn
        self._target = target
        self._path = b"%s.%s.part" % (target, uuid.encode()) if settings.atomic else target
        self._content = content
        self._settings = settings
        self._watch = watch
        self._budget = budget  # of the bytes of the file a second; None: no limit
        self._limited = False  # the budget decides when the next request may go out
        self._lost = False  # the connection ended first
        self._may_exist = False  # the server may have made the file
        self._not_removed = ""  # why an incomplete file is still there
        self._handed_over = False  # a request for the open file has been sent
        self._closed = False  # CLOSE has been sent, after all of the file was taken
        self._stored = False  # and it was answered
        self._unanswered = 0
        self._kind = 0  # packet type of the request that `_reply` answers
        self._reply: Reply = packets.SUCCESS  # to the step: the first bad one, else the last
        self._exhausted = False  # the step has no further request
        self._mkdir_error = ""  # why a directory was not made
        self._script = self._run()
        self._step: Iterator[Request] = iter(next(self._script))

    def pull(self) -> Optional[Request]:
        """Return the next request that may go out now; None until something is answered, or due."""
        while not self.done and self._unanswered < AHEAD and not (self._limited and self.pause()):
            try:
                request = next(self._step, None)
            except TransferError as error:  # the local file failed
                self._stop_sending(error)
                continue
            if request is not None:
                if not self.started:
                    self.started = True
                    self._watch.enter("waiting")
                self._unanswered += 1
                return request
            self._exhausted = True
            if self._unanswered:
                break
            self._next_step()
        return None

    def pause(self) -> int:
        """Return the nanoseconds until its budget allows more; 0 if that is not what it awaits."""
        if not self._limited or self._exhausted or self._budget is None:
            return 0
        return self._budget.left()

    def answer(self, kind: int, reply: Reply) -> None:
        """Take the reply to a request of that type; TransferError if it cannot be one."""
        bad = isinstance(reply, Status) and reply.code != packets.OK
        if not bad and not isinstance(reply, _ANSWERS.get(kind, Status)):
            raise packets.malformed(f"{type(reply).__name__} in answer to packet type {kind}")
        self._unanswered -= 1
        if bad or not is_bad(self._reply):
            self._kind, self._reply = kind, reply
        if bad:
            self._step, self._exhausted = iter(()), True
        if self._exhausted and not self._unanswered:
            self._next_step()

    def abandon(self, error: TransferError) -> None:
        """Read the file no more, as no greenlet waits; clean up at the server if possible."""
        if not self.done:
            self._stop_sending(error)
            self.done = not self.started

    def fail(self, error: TransferError) -> None:
        """End at once: the connection is gone."""
        self.error = self.error or error
        self.done = self._lost = True

    @property
    def held_back(self) -> bool:
        """True if it is its budget that does not allow the next bytes yet."""
        more = self.sent < self._content.size
        return more and self._budget is not None and self._budget.left() > 0

    @property
    def may_be_repeated(self) -> bool:
        """True if the connection ended before the open file was used: not even OPEN counts."""
        return self._lost and not self._handed_over

    @property
    def left(self) -> str:
        """What a failure may have left at the server, to be added to its detail."""
        if not self._may_exist or (self._stored and not self._settings.atomic):
            return ""
        if self._not_removed:
            return f"; {show(self._path)} is left there: {self._not_removed}"
        what = "a file" if self._closed else "an incomplete file"
        return f"; {what} may be left there as {show(self._path)}"

    def _stop_sending(self, error: TransferError) -> None:
        if not self.error:  # else it is cleaning up already
            self.error = error
            self._step, self._exhausted = iter(()), True

    def _next_step(self) -> None:
        reply, self._reply, self._exhausted = self._reply, packets.SUCCESS, False
        self._limited = False
        try:
            self._step = iter(self._script.send(reply))
        except StopIteration:
            self.done = True
        except TransferError as error:
            self.error, self.done = self.error or error, True

    # --- the script

    def _run(self) -> Script:
        reply = yield self._opening()
        if self._settings.mkdir and is_missing(reply) and not self.error:
            self._may_exist = False
            yield from self._make_parents()
            self._check(packets.SUCCESS)
            reply = yield self._opening()
        self._may_exist = isinstance(reply, Handle)
        if not isinstance(reply, Handle):
            raise self._refusal(reply)
        try:
            yield from self._put(reply.handle)
        except TransferError as error:
            self.error = self.error or error
            yield from self._clean_up(reply.handle)
            raise

    def _opening(self) -> Iterator[Request]:
        self._may_exist = True
        yield packets.open_file(self._path, self._settings.mode)

    def _put(self, handle: bytes) -> Script:
        self._check(packets.SUCCESS)
        # Many servers write and close asynchronously: a CLOSE would overtake the WRITEs.
        reply = yield self._contents(handle)
        self._watch.enter("waiting")
        self._check(reply)
        if self._settings.mode is not None:
            # The mode of OPEN is subject to the server's umask, and ignored for an existing file.
            self._check_mode((yield [packets.set_mode(handle, self._settings.mode)]))
        reply = yield self._closing(handle)
        self._stored = self._closed and not is_bad(reply)
        self._check(reply)
        if self._settings.check_size:
            self._check_size((yield [packets.stat(self._path)]))
        if self._settings.atomic:
            self._watch.enter("renaming")
            # Not after its greenlet has given up: then no file may appear any more.
            self._check((yield [packets.rename(self._path, self._target, self.posix_rename)]))

    def _contents(self, handle: bytes) -> Iterator[Request]:
        self._handed_over = True
        budget = self._budget
        for data in self._content.blocks(budget.block if budget else BLOCK):
            offset, self.sent = self.sent, self.sent + len(data)
            if budget:
                budget.take(len(data))
                self._limited = self.sent < self._content.size
            if not offset:
                self._watch.enter("sending")
            yield packets.write(handle, offset, data)

    def _closing(self, handle: bytes) -> Iterator[Request]:
        self._closed = True
        yield packets.close(handle)

    def _make_parents(self) -> Script:
        """Create every directory above the file; the next OPEN shows whether that was enough."""
        steps = self._path.split(b"/")[:-1]
        for depth in range(1, len(steps) + 1):
            directory = b"/".join(steps[:depth])
            if not directory or self.error:
                continue
            reply = yield [packets.make_directory(directory)]
            # It may exist, or another transfer was faster: version 3 has no status for that.
            if is_bad(reply):
                self._mkdir_error = f"; {show(directory)} was not created: {reply}"

    def _clean_up(self, handle: bytes) -> Script:
        """Close and remove an incomplete file, so that it is not taken for the whole."""
        if not self._closed:
            yield [packets.close(handle)]
        if self._settings.atomic or not self._stored:
            reply = yield [packets.remove(self._path)]
            if is_bad(reply) and not is_missing(reply):
                self._not_removed = str(reply)
            else:
                self._may_exist = False

    def _check(self, reply: Reply) -> None:
        if self.error:
            raise self.error
        if is_bad(reply):
            raise self._refusal(reply)

    def _check_mode(self, reply: Reply) -> None:
        self._check(packets.SUCCESS)
        if is_bad(reply):  # the file itself is there, so its transfer goes on
            self.warning = f"the server does not set the mode: {reply}"

    def _check_size(self, reply: Reply) -> None:
        self._check(packets.SUCCESS)
        size = reply.size if isinstance(reply, Attributes) else None
        if size is None:
            raise unchecked_size(self._path, reply)
        if size != self._content.size:
            detail = f"{size} bytes at the server, {self._content.size} were sent"
            raise TransferError("size", detail, code=packets.OK)

    def _refusal(self, reply: Reply) -> TransferError:
        if not isinstance(reply, Status):  # cut before it was sent
            return TransferError("internal", "an upload without an end")
        more = self._mkdir_error if reply.code == packets.NO_SUCH_FILE else ""
        return refused(self._kind, self._path, reply, more)
