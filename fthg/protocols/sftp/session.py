"""One SFTP session on one SSH channel: many uploads at once, their packets gathered and sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Optional, Protocol

import gevent
from gevent.event import Event
from paramiko.ssh_exception import SSHException

from ...clock import let_others_run
from ...errors import TransferError
from ..stopwatch import Now
from . import packets
from .upload import Upload

BATCH = 256 * 1024
"""Bytes that are gathered for one go; other greenlets run between two of them."""

LIMIT = 128
"""Uploads under way at once: each is an open file at the server, of which it may have 1,024."""

_PIECE = 32 * 1024  # nothing larger fits into an SSH packet (RFC 4253, 6.1)


class Stream(Protocol):
    """What a session needs of a paramiko Channel."""

    def recv(self, nbytes: int) -> bytes:
        """Wait for data; empty at the end."""

    def send(self, data: bytes) -> int:
        """Wait until something can be sent; bytes sent, 0 at the end."""


class Session:
    """Runs uploads on a channel until it breaks; `broken` then says why.

    Two greenlets of its own do all reading and writing, so that the death of a transfer's greenlet
    never leaves half a packet behind.
    """

    def __init__(
        self, stream: Stream, posix_rename: bool, now: Now, end: Callable[[], TransferError]
    ) -> None:
        self.broken: Optional[TransferError] = None
        self.heard_at = now()  # when the server last said something
        self._stream = stream
        self._posix_rename = posix_rename
        self._now = now
        self._end = end  # of the connection; tells why
        self._splitter = packets.Splitter()
        self._waiting: dict[Upload, Event] = {}  # whoever waits for an upload waits here
        self._queue: deque[Upload] = deque()  # not yet begun
        self._begun: set[Upload] = set()
        self._ready: deque[Upload] = deque()  # begun, and may have something to send
        self._asked: dict[int, tuple[Upload, int]] = {}  # id → upload and packet type
        self._next_id = 0
        self._wake = Event()
        self._greenlets = [gevent.spawn(self._read), gevent.spawn(self._write)]

    def put(self, upload: Upload) -> None:
        """Return once the upload is done; if anything else ends the waiting, it is abandoned."""
        if self.broken:
            upload.fail(self.broken)
            return
        done = self._waiting[upload] = Event()
        upload.posix_rename = self._posix_rename
        self._queue.append(upload)
        self._wake.set()
        try:
            done.wait()
        finally:
            del self._waiting[upload]
            if not upload.done:
                upload.abandon(TransferError("timeout", "given up"))
                self._go_on(upload)

    @property
    def forsaken(self) -> int:
        """Uploads that the server has not answered, though nobody waits for them any more."""
        return sum(upload not in self._waiting for upload in self._begun)

    def close(self, fault: TransferError) -> None:
        """End all uploads that are not done with this fault; the stream is left to its owner."""
        if self.broken:
            return
        self.broken = fault
        for upload in (*self._queue, *self._begun):
            if not upload.done:
                upload.fail(fault)
        for done in self._waiting.values():
            done.set()
        self._queue.clear()
        self._begun.clear()
        self._ready.clear()
        self._asked.clear()
        self._wake.set()

    def _go_on(self, upload: Upload) -> None:
        """After something happened to an upload: finish it, or see whether it has more to send."""
        if upload.done:
            self._begun.discard(upload)
            if upload in self._waiting:
                self._waiting[upload].set()
            self._wake.set()
        elif not upload.queued:
            upload.queued = True
            self._ready.append(upload)
            self._wake.set()

    # --- reading

    def _read(self) -> None:
        with self._ending():
            while not self.broken:
                data = self._stream.recv(BATCH)
                if not data:
                    break
                self.heard_at = self._now()
                for packet in self._splitter.feed(data):
                    self._answer(*packets.parse_reply(packet))

    def _answer(self, ident: int, reply: packets.Reply) -> None:
        asked = self._asked.pop(ident, None)
        if asked is None:
            raise packets.malformed(f"an answer to request {ident}, which is not waiting for one")
        upload, kind = asked
        upload.answer(kind, reply)
        self._go_on(upload)

    # --- writing

    def _write(self) -> None:
        with self._ending():
            while not self.broken:
                self._wake.wait()
                self._wake.clear()
                while data := self._gather():
                    self._send(data)
                    let_others_run()

    def _gather(self) -> bytes:
        """What may go out now, a packet of each upload in turn."""
        parts: list[bytes] = []
        size = 0
        while size < BATCH and (upload := self._next()):
            request = upload.pull()
            if request is None:
                upload.queued = False
                if upload.done:
                    self._go_on(upload)
                continue
            self._ready.append(upload)
            ident = self._next_id = (self._next_id + 1) & 0xFFFFFFFF
            self._asked[ident] = upload, request.kind
            packet = packets.encode(request, ident)
            parts.append(packet)
            size += len(packet)
        return b"".join(parts)

    def _next(self) -> Optional[Upload]:
        while self._queue and len(self._begun) < LIMIT:
            upload = self._queue.popleft()
            if not upload.done:
                upload.queued = True
                self._begun.add(upload)
                self._ready.append(upload)
        return self._ready.popleft() if self._ready else None

    def _send(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            sent = self._stream.send(data[at : at + _PIECE])
            if not sent:
                raise EOFError
            at += sent

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """However reading or writing ends, the session ends with it, and says why."""
        try:
            yield
        except TransferError as error:
            self.close(error)
        except (EOFError, OSError, SSHException):
            pass  # the owner knows better what happened
        except Exception as error:  # noqa: BLE001 - it must not end in silence
            self.close(TransferError("internal", repr(error)))
        finally:
            self.close(self._end())
