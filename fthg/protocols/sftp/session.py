"""Runs many uploads at once in one SFTP session, gathering their packets into large writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Optional

import gevent
from gevent.event import Event
from gevent.hub import Waiter
from paramiko.ssh_exception import SSHException

from ...clock import SECOND, let_others_run
from ...errors import TransferError
from ..stopwatch import Now
from . import packets
from .abilities import Abilities
from .stream import Stream, send_all
from .upload import Upload

BATCH = 256 * 1024
"""Bytes that are gathered for one write; other greenlets run between two of them."""

LIMIT = 128
"""Uploads under way at once: each is an open file at the server, of which it may have 1,024."""

_LEAST_PAUSE = 0.01
"""The shortest wait for a budget, in seconds: budgets make up for waking late."""

_LIMITS_ID = 0
"""The id of the question for the server's limits; those of other requests begin with 1."""


class Session:
    """Runs uploads on a channel until it breaks; `broken` is then the reason.

    Two greenlets of its own do all reading and writing, so that the death of a transfer's greenlet
    never leaves half a packet behind.
    """

    def __init__(
        self, stream: Stream, abilities: Abilities, now: Now, on_end: Callable[[], TransferError]
    ) -> None:
        """Start reading and writing; `on_end` ends the connection and returns the reason."""
        self.broken: Optional[TransferError] = None
        self._stream = stream
        self._abilities = abilities
        self._learning = abilities.tells_limits  # it is asked, or will be
        self._now = now
        self._heard = now()  # when the server sent something, or was asked while it owed nothing
        self._on_end = on_end
        self._splitter = packets.Splitter()
        self._loop = gevent.get_hub().loop
        self._waiting: dict[Upload, Waiter[None]] = {}  # upload → what its greenlet waits for
        self._queue: deque[Upload] = deque()  # not yet begun
        self._begun: set[Upload] = set()
        self._ready: deque[Upload] = deque()  # begun, and may have something to send
        self._paused: set[Upload] = set()  # begun, and waiting for their budgets
        self._reading: set[Upload] = set()  # begun, and waiting for their local files
        self._pending: dict[int, tuple[Upload, int]] = {}  # request id → upload and packet type
        self._next_id = 0
        self._wake = Event()
        self._greenlets = [gevent.spawn(self._read), gevent.spawn(self._write)]

    def put(self, upload: Upload) -> None:
        """Return once the upload is done; if anything else ends the waiting, it is abandoned."""
        if self.broken:
            upload.fail(self.broken)
            return
        done = self._waiting[upload] = Waiter()  # half the cost of an Event, or less
        upload.begin(self._abilities, self._wake.set)
        self._queue.append(upload)
        self._wake.set()
        try:
            done.get()
        finally:
            del self._waiting[upload]
            if not upload.done:
                upload.abandon(TransferError("timeout", "given up"))
                self._update(upload)
                self._wake.set()

    def silence(self, now: int) -> int:
        """Return the nanoseconds since the server last sent anything, if it owes answers.

        What it sends otherwise is no sign of life: sshd answers and asks while its disk hangs.
        """
        return now - self._heard if self._pending else 0

    @property
    def abandoned(self) -> int:
        """Number of uploads that no greenlet waits for any more and the server has not answered."""
        return sum(upload not in self._waiting for upload in self._begun)

    def close(self, error: TransferError) -> None:
        """End all uploads that are not done with this error; the stream is left to its owner."""
        if self.broken:
            return
        self.broken = error
        for upload in (*self._queue, *self._begun):
            if not upload.done:
                upload.fail(error)
        for done in self._waiting.values():
            self._loop.run_callback(done.switch, None)
        self._queue.clear()
        self._begun.clear()
        self._ready.clear()
        self._paused.clear()
        self._reading.clear()
        self._pending.clear()
        self._wake.set()

    def _update(self, upload: Upload) -> None:
        """Finish an upload after an event, or queue it to send what it has."""
        if upload.done:
            self._begun.discard(upload)
            if done := self._waiting.get(upload):
                self._loop.run_callback(done.switch, None)
        elif not upload.queued:
            upload.queued = True
            self._ready.append(upload)

    # --- reading

    def _read(self) -> None:
        with self._ending():
            while not self.broken:
                data = self._stream.recv(BATCH)
                if not data:
                    break
                self._heard = self._now()
                for packet in self._splitter.feed(data):
                    self._on_reply(*packets.parse_reply(packet))
                self._wake.set()

    def _on_reply(self, ident: int, reply: packets.Reply) -> None:
        pending = self._pending.pop(ident, None)
        if pending is None:
            if ident == _LIMITS_ID and self._learning:
                self._learning = False
                self._abilities.learn(reply)
                return
            raise packets.malformed(f"an answer to request {ident}, which awaits none")
        upload, kind = pending
        upload.answer(kind, reply)
        self._update(upload)

    # --- writing

    def _write(self) -> None:
        with self._ending():
            if self._learning:
                send_all(self._stream, packets.encode(packets.ask_limits(), _LIMITS_ID))
            while not self.broken:
                self._wake.wait(self._pause())
                self._wake.clear()
                self._resume()
                while parts := self._gather():
                    send_all(self._stream, parts)
                    let_others_run()

    def _pause(self) -> Optional[float]:
        """Return the seconds until a budget allows an upload to go on; None: none waits for it."""
        if not self._paused:
            return None
        return max(_LEAST_PAUSE, min(upload.pause() for upload in self._paused) / SECOND)

    def _resume(self) -> None:
        for upload in [each for each in self._paused if not each.pause()]:
            self._paused.discard(upload)
            self._update(upload)
        while self._reading:  # cheaper to ask again than to know whose file is there
            self._update(self._reading.pop())

    def _gather(self) -> Sequence[bytes]:
        """Return the packets that may go out now, one of each upload in turn, in parts."""
        parts: list[bytes] = []
        size = 0
        ready, pending = self._ready, self._pending
        while size < BATCH and self._any_ready():
            upload = ready.popleft()
            request = upload.pull()
            if request is None:
                self._set_aside(upload)
                continue
            if upload.exhausted:
                upload.queued = False
            else:
                ready.append(upload)
            if not pending:
                self._heard = self._now()
            ident = self._next_id = (self._next_id + 1) & 0xFFFFFFFF
            pending[ident] = upload, request.kind
            packet = packets.encode(request, ident)
            parts += packet
            size += len(packet[-1])
        return parts

    def _any_ready(self) -> bool:
        """Begin as many uploads as may be under way; return True if one may have a request."""
        while self._queue and len(self._begun) < LIMIT:
            upload = self._queue.popleft()
            if not upload.done:
                upload.queued = True
                self._begun.add(upload)
                self._ready.append(upload)
        return bool(self._ready)

    def _set_aside(self, upload: Upload) -> None:
        """Keep an upload that has no request for now from being asked for one."""
        upload.queued = False
        if upload.done:
            self._update(upload)
        elif upload.pause():
            self._paused.add(upload)
        elif upload.reading:
            self._reading.add(upload)

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """End the session when reading or writing ends, for whatever reason."""
        try:
            yield
        except TransferError as error:
            self.close(error)
        except (EOFError, OSError, SSHException):
            pass  # the owner knows the reason better
        except Exception as error:  # noqa: BLE001 - it must not end silently
            self.close(TransferError("internal", repr(error)))
        finally:
            self.close(self._on_end())
