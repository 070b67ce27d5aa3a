"""Writes requests to one connection, and reads what the server says meanwhile."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Optional

from ...clock import SECOND
from .answer import Answer
from .outgoing import Request
from .tls.stream import Stream, TlsStream, stop_waiting
from .waits import Waits

RECEIVED = 64 * 1024
"""Bytes taken from the socket at once."""

ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
BROKEN = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, *ENDED)
NOT_READY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

_CONTINUE_TIMEOUT = SECOND
"""The longest time that a body waits for `100 Continue`: most servers that want none never say so.
It is curl's, too."""

_RECORD = 16 * 1024  # bytes of a TLS record: OpenSSL takes a longer block as a whole or not at all


class StaleConnectionError(Exception):
    """A kept connection turned out to be dead before the first byte was written."""


class SendingConnection:
    """A connected stream that requests are written to."""

    def __init__(self, stream: Stream) -> None:
        self._secure = isinstance(stream, TlsStream)
        self._stream: Any = stop_waiting(stream)
        self._waits = Waits(self._stream.fileno())
        self._early: Optional[Answer] = None  # what came while the request was being sent
        self._ended = False  # the server sends no more
        self.used = False
        """True once it has carried a request."""

    def _send(self, request: Request) -> None:
        """Send the request, until the server refuses it or is gone."""
        request.watch.enter("sending")
        small = request.content.small
        if small is not None and request.budget is None and not request.expects:
            self._write(request.at_once(small), request)
        elif self._write(request.head, request) and (
            not request.expects or self._await_continue(request)
        ):
            self._send_body(request)

    def _await_continue(self, request: Request) -> bool:
        """Wait until the server asks for the body, or is silent for too long; read meanwhile.

        The time is the server's own. Return False if that ends the sending.
        """
        watch = request.watch
        watch.enter("waiting")
        end = watch.now() + _CONTINUE_TIMEOUT

        def left() -> int:
            early = self._early
            said = early is not None and (early.continued or early.status)
            return 0 if said else max(0, end - watch.now())

        wanted = self._read_while(left, request)
        watch.enter("sending")
        return wanted

    def _send_body(self, request: Request) -> None:
        """Send the body block by block, each when the budget allows it."""
        budget = request.budget
        for block in request.blocks():
            if budget is not None and not self._read_while(budget.left, request):
                return
            # Through the loop: a fast server would leave no one else a turn.
            if not self._wait_writable(request):
                return
            if budget is not None:
                budget.take(len(block))
            if not self._write(block, request):
                return

    def _read_while(self, left: Callable[[], int], request: Request) -> bool:
        """Wait while `left` returns nanoseconds; read meanwhile, as `_wait_writable` does."""
        while pause := left():
            if not self._ended and (self._is_pending() or self._waits.is_readable()):
                if not self._read_early(request):
                    return False
                self._waits.give_turn()
            else:
                self._waits.pause(pause, reading=not self._ended)
        return True

    def _write(self, data: bytes, request: Request) -> bool:
        """Write all data; return False if the server refuses the request, or is gone."""
        left = memoryview(data)
        while left:
            try:
                written = self._stream.send(left[:_RECORD] if self._secure else left)
            except ssl.SSLWantReadError:  # within a new handshake TLS takes nothing
                if not self._wait_readable(request):
                    return False
                continue
            except NOT_READY:
                written = 0
            except BROKEN:
                if self.used and not request.written:
                    raise StaleConnectionError from None
                return False  # it may have answered before it closed
            request.written += written
            left = left[written:]
            if not written and not self._wait_writable(request):
                return False
        return True

    def _wait_writable(self, request: Request) -> bool:
        """Wait until the kernel takes more, or perhaps earlier; read meanwhile."""
        if self._ended:  # the end of a stream is always readable
            self._waits.until(self._waits.writable)
            return True
        self._waits.until(self._waits.either)
        return not self._waits.is_readable() or self._read_early(request)

    def _wait_readable(self, request: Request) -> bool:
        """Wait until there is something to read, and read it; False: send no more."""
        if self._ended:
            return False
        if not self._is_pending():
            self._waits.until(self._waits.readable)
        return self._read_early(request)

    def _read_early(self, request: Request) -> bool:
        """Read what comes before all was written; return False if that ends the sending."""
        try:
            data = self._stream.recv(RECEIVED)
        except NOT_READY:
            return True
        except ENDED:
            data = b""
        except BROKEN:
            if self._early is None:
                raise
            return False
        if not data:
            self._ended = True
            return self._early is not None and self._early.status != 0
        if self._early is None:
            self._early = Answer(request.method, request.kept)
        self._early.feed(data)
        self._catch_up(self._early)
        return self._early.status < 300

    def _catch_up(self, answer: Answer) -> None:
        """Parse what an answer is behind; others have their turns meanwhile."""
        while answer.behind:
            self._waits.give_turn()
            answer.parse()

    def _is_pending(self) -> bool:
        """Return True if TLS has something to do though the socket may not be readable."""
        return self._secure and self._stream.pending() > 0
