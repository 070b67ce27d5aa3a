"""One upload as a script of requests and replies; it touches no network.

A step of the script is a row of requests that may go out without waiting for one another. The
script goes on once all of them are answered; a bad answer cuts the rest of the row short.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple, Optional, Protocol

from ...errors import TransferError
from ..stopwatch import Stopwatch
from . import packets
from .packets import Attributes, Handle, Reply, Request, Status
from .refusal import is_bad, is_missing, refused, show

BLOCK = 32 * 1024
"""Bytes in one WRITE: the most that every SFTP server must take."""

AHEAD = 64
"""Requests of one upload that may be unanswered: 2 MiB of data, which is OpenSSH's window too."""

Script = Generator[Iterable[Request], Reply, None]

_ANSWERS = {packets.OPEN: Handle, packets.STAT: Attributes}


class Content(Protocol):
    """What is sent: `size` bytes."""

    size: int

    def blocks(self, most: int) -> Iterator[bytes]:
        """Yield all in blocks of so many bytes; raises TransferError of kind file."""


class Manner(NamedTuple):
    """How files are put, the same for all of a job."""

    atomic: bool = False
    mkdir: bool = False
    mode: Optional[int] = None
    check_size: bool = False


class Upload:
    """One file on its way to `target`; ends with `done`, and with `fault` where it failed."""

    def __init__(
        self, target: bytes, uuid: str, content: Content, manner: Manner, watch: Stopwatch
    ) -> None:
        self.done = False
        self.started = False  # something of it has been sent
        self.fault: Optional[TransferError] = None
        self.sent = 0  # bytes of the file that have been handed over
        self.posix_rename = False  # told by the session, which knows the server
        self.queued = False  # kept for the session, which asks each of its uploads in turn
        self._target = target
        self._path = b"%s.%s.part" % (target, uuid.encode()) if manner.atomic else target
        self._content = content
        self._manner = manner
        self._watch = watch
        self._closed = False  # all of the file and its CLOSE have been sent
        self._intact = False  # and the server has taken it all
        self._renamed = False
        self._unanswered = 0
        self._kind = 0  # of the request that `_reply` answers
        self._reply: Reply = packets.TAKEN  # to the row: the first bad one, else the last
        self._exhausted = False
        self._obstacle = ""  # why a directory was not made
        self._script = self._run()
        self._row: Iterator[Request] = iter(next(self._script))

    def pull(self) -> Optional[Request]:
        """The next request that may go out now; None until something is answered."""
        while not self.done and self._unanswered < AHEAD:
            try:
                request = next(self._row, None)
            except TransferError as error:  # the local file failed
                self._cut(error)
                continue
            if request is not None:
                if not self.started:
                    self.started = True
                    self._watch.enter("sending")
                self._unanswered += 1
                return request
            self._exhausted = True
            if self._unanswered:
                break
            self._go_on()
        return None

    def answer(self, kind: int, reply: Reply) -> None:
        """Take the reply to a request of that kind; TransferError if it cannot be one."""
        bad = isinstance(reply, Status) and reply.code != packets.OK
        if not bad and not isinstance(reply, _ANSWERS.get(kind, Status)):
            raise packets.malformed(f"{type(reply).__name__} in answer to packet type {kind}")
        self._unanswered -= 1
        if bad or not is_bad(self._reply):
            self._kind, self._reply = kind, reply
        if bad:
            self._row, self._exhausted = iter(()), True
        if self._exhausted and not self._unanswered:
            self._go_on()

    def abandon(self, fault: TransferError) -> None:
        """Nobody waits any longer: read the file no more, and tidy up as far as that goes."""
        if not self.done:
            self._cut(fault)
            self.done = not self.started

    def fail(self, fault: TransferError) -> None:
        """The connection is gone, and with it all that could still be done."""
        self.fault = self.fault or fault
        self.done = True

    def _cut(self, fault: TransferError) -> None:
        self.fault = self.fault or fault
        self._row, self._exhausted = iter(()), True

    def _go_on(self) -> None:
        """Take the next step of the script."""
        reply, self._reply, self._exhausted = self._reply, packets.TAKEN, False
        try:
            self._row = iter(self._script.send(reply))
        except StopIteration:
            self.done = True
        except TransferError as error:
            self.fault, self.done = self.fault or error, True

    # --- the script

    def _run(self) -> Script:
        opening = [packets.open_file(self._path, self._manner.mode)]
        reply = yield opening
        if self._manner.mkdir and is_missing(reply) and not self.fault:
            yield from self._make_parents()
            self._check(packets.TAKEN)
            reply = yield opening
        if not isinstance(reply, Handle):
            raise self._refusal(reply)
        try:
            yield from self._put(reply.handle)
        except TransferError as error:
            self.fault = self.fault or error
            yield from self._tidy(reply.handle)
            raise

    def _put(self, handle: bytes) -> Script:
        self._check(packets.TAKEN)
        reply = yield self._contents(handle)
        self._intact = self._closed and not is_bad(reply)
        self._check(reply)
        if self._manner.check_size:
            self._check_size((yield [packets.stat(self._path)]))
        if self._manner.atomic:
            self._watch.enter("renaming")
            # Who gave up meanwhile wants no file to appear any more.
            self._check((yield [packets.rename(self._path, self._target, self.posix_rename)]))
            self._renamed = True

    def _contents(self, handle: bytes) -> Iterator[Request]:
        for data in self._content.blocks(BLOCK):
            offset, self.sent = self.sent, self.sent + len(data)
            yield packets.write(handle, offset, data)
        if self._manner.mode is not None:
            # The mode of OPEN is subject to the server's umask, and ignored for an existing file.
            yield packets.set_mode(handle, self._manner.mode)
        self._closed = True
        self._watch.enter("waiting")
        yield packets.close(handle)

    def _make_parents(self) -> Script:
        """Create every directory above the file; whether that helped, the next OPEN will tell."""
        steps = self._path.split(b"/")[:-1]
        for depth in range(1, len(steps) + 1):
            directory = b"/".join(steps[:depth])
            if not directory or self.fault:
                continue
            reply = yield [packets.make_directory(directory)]
            # It may exist, or another transfer was faster: version 3 has no status for that.
            if is_bad(reply):
                self._obstacle = f"; {show(directory)} was not created: {reply}"

    def _tidy(self, handle: bytes) -> Script:
        """End an upload that failed, so that no part of a file passes for the whole."""
        if not self._closed:
            yield [packets.close(handle)]
        if not (self._renamed if self._manner.atomic else self._intact):
            yield [packets.remove(self._path)]

    def _check(self, reply: Reply) -> None:
        if self.fault:
            raise self.fault
        if is_bad(reply):
            raise self._refusal(reply)

    def _check_size(self, reply: Reply) -> None:
        if is_missing(reply):
            return  # the server has moved it on already
        self._check(reply)
        size = reply.size if isinstance(reply, Attributes) else None
        if size is not None and size != self._content.size:
            detail = f"{size} bytes at the server, {self._content.size} were sent"
            raise TransferError("size", detail, code=packets.OK)

    def _refusal(self, reply: Reply) -> TransferError:
        if not isinstance(reply, Status):  # cut before it was sent
            return TransferError("internal", "an upload that nobody ended")
        obstacle = self._obstacle if reply.code == packets.NO_SUCH_FILE else ""
        return refused(self._kind, self._path, reply, obstacle)
