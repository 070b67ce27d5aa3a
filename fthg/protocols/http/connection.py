"""Carries requests over one connection, plain or in TLS, one after another."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any, Optional

from ...content import BLOCK, Content
from ...errors import TransferError
from ...peer import Peer
from ..bandwidth import Budget
from ..tcp_info import delivery_of
from .answer import Answer, begin_answer
from .head import excerpt
from .request import Request
from .tls_failures import missing_certificate, tls_failure
from .tls_stream import Stream, TlsStream, stop_waiting
from .waits import Waits

_RECEIVED = 64 * 1024  # bytes taken from the socket at once
_RECORD = 16 * 1024  # bytes of a TLS record: OpenSSL takes a longer block as a whole or not at all
_KEPT = " (a kept connection: the server may close idle ones at this very moment)"
_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_BROKEN = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, *_ENDED)
_NOT_READY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class StaleConnectionError(Exception):
    """A kept connection turned out to be dead before the first byte was written."""


class HttpConnection:
    """A connected stream that carries HTTP/1.1 requests."""

    def __init__(
        self,
        stream: Stream,
        peer: Optional[Peer],
        server: str,
        on_first_answer: Callable[[TlsStream], None],
    ) -> None:
        self._secure = isinstance(stream, TlsStream)
        self._stream: Any = stop_waiting(stream)
        self._waits = Waits(self._stream.fileno())
        self._peer = peer
        self._server = server
        self._on_first_answer = on_first_answer
        self._early: Optional[Answer] = None  # what came while the request was being sent
        self._ended = False  # the server sends no more
        self.used = False
        """True once it has carried a request."""
        self.reusable = False
        """True if it can carry another request."""

    def exchange(self, request: Request) -> Answer:
        """Send a request and return its answer, read to the end.

        Only an answer of 300 or above ends the sending early. Raises TransferError, or
        StaleConnectionError if nothing of the request has left. After any exception, and unless
        it is `reusable`, only `close()` may follow.
        """
        request.peer = self._peer
        self._early = None
        try:
            answer = self._exchange(request)
        except BaseException:
            request.delivery = delivery_of(self._stream)
            raise
        # The rest of a body would be taken for a request.
        self.reusable = answer.reusable and not self._ended and request.whole
        if not self.used:
            self._after_first_answer()
        return answer

    def _exchange(self, request: Request) -> Answer:
        try:
            self._refuse_if_unasked()
            self._send(request)
            return self._receive(request)
        except ssl.SSLError as error:
            raise tls_failure(error, self._server) from error
        except OSError as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Close it at once; whoever waits on it gets an error."""
        self._waits.close()
        self._stream.close()

    def _after_first_answer(self) -> None:
        self.used = True
        if self._secure:
            self._on_first_answer(self._stream)
        if self._peer is not None:
            self._peer = self._peer._replace(reused=True)

    def _refuse_if_unasked(self) -> None:
        """Raise an error if the server has closed the connection, or has sent anything already."""
        if not (self._waits.is_readable() or self._is_pending()):
            return
        try:
            data = self._stream.recv(_RECEIVED)
        except _NOT_READY:
            return  # TLS has messages of its own, such as session tickets
        except _ENDED:
            data = b""
        except OSError:
            if self.used:
                raise StaleConnectionError from None
            raise
        if self.used:
            raise StaleConnectionError
        if not data:
            raise TransferError("reset", f"{self._server}: the server closed the connection")
        reason = f"the server sent {excerpt(data)} before it was asked anything"
        raise TransferError("protocol", f"{self._server}: {reason}")

    def _send(self, request: Request) -> None:
        """Send the request, until the server refuses it or is gone."""
        request.watch.enter("sending")
        content = request.content
        if request.budget is not None:
            self._send_slowly(request, request.budget)
            return
        first = request.head + request.before
        if content.small is not None:
            self._write(b"".join((first, content.small, request.after)), request)
        elif self._write(first, request) and self._send_file(content, request):
            self._write(request.after, request)

    def _send_file(self, content: Content, request: Request) -> bool:
        offset = 0
        while offset < content.size:
            # Through the loop: a fast server would leave no one else a turn.
            if not self._wait_writable(request):
                return False
            block = content.read(offset, BLOCK)
            if not self._write(block, request):
                return False
            offset += len(block)
        return True

    def _send_slowly(self, request: Request, budget: Budget) -> None:
        """Send the head at once, and the body block by block, each when the budget allows it."""
        if not self._write(request.head, request):
            return
        for block in request.blocks(budget.block):
            if not (self._wait_for(budget, request) and self._wait_writable(request)):
                return
            budget.take(len(block))
            if not self._write(block, request):
                return

    def _wait_for(self, budget: Budget, request: Request) -> bool:
        """Let others run until the next block is due; read meanwhile, as `_wait_writable`."""
        while left := budget.left():
            if not self._ended and (self._is_pending() or self._waits.is_readable()):
                if not self._read_early(request):
                    return False
                self._waits.give_turn()
            else:
                self._waits.pause(left, reading=not self._ended)
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
            except _NOT_READY:
                written = 0
            except _BROKEN:
                if self.used and not request.written:
                    raise StaleConnectionError from None
                return False  # it may have answered before it closed
            request.written += written
            left = left[written:]
            if not written and not self._wait_writable(request):
                return False
        return True

    def _wait_writable(self, request: Request) -> bool:
        """Let others run until the kernel takes more, or perhaps earlier; read meanwhile."""
        if self._ended:  # the end of a stream is always readable
            self._waits.until_writable()
            return True
        self._waits.until_either()
        return not self._waits.is_readable() or self._read_early(request)

    def _wait_readable(self, request: Request) -> bool:
        """Let others run until there is something to read, and read it; False: send no more."""
        if self._ended:
            return False
        if not self._is_pending():
            self._waits.until_readable()
        return self._read_early(request)

    def _read_early(self, request: Request) -> bool:
        """Read what comes before all was written; return False if that ends the sending."""
        try:
            data = self._stream.recv(_RECEIVED)
        except _NOT_READY:
            return True
        except _ENDED:
            data = b""
        except _BROKEN:
            if self._early is None:
                raise
            return False
        if not data:
            self._ended = True
            return self._early is not None and self._early.status != 0
        if self._early is None:
            self._early = Answer(request.method, request.kept)
        self._feed(self._early, data)
        return self._early.status < 300

    def _receive(self, request: Request) -> Answer:
        watch, answer = request.watch, self._early
        watch.enter("waiting")
        if answer is not None:
            watch.enter("receiving")
        while answer is None or not answer.done:
            data = self._read_rest(request, answer)
            if not data:
                answer = answer or Answer(request.method)
                self._on_end(request, answer)
                break
            if answer is None:
                watch.enter("receiving")
                answer = begin_answer(request.method, data, request.kept)
                self._feed(answer)
            else:
                self._feed(answer, data)
        return answer

    def _feed(self, answer: Answer, data: bytes = b"") -> None:
        """Parse the next bytes of an answer; others have their turns meanwhile."""
        if data:
            answer.feed(data)
        while answer.behind:
            self._waits.give_turn()
            answer.parse()

    def _read_rest(self, request: Request, answer: Optional[Answer]) -> bytes:
        try:
            return self._read()
        except ConnectionResetError:
            # So do servers that answer and close without reading the body.
            if answer is not None and answer.status and not request.whole:
                return b""
            raise

    def _on_end(self, request: Request, answer: Answer) -> None:
        """Raise TransferError if the server has ended the connection too early."""
        self._ended = True
        if answer.status and not request.whole:
            return  # it took no more, and has said how it is
        try:
            answer.end()
        except TransferError as error:
            if not answer.started:
                error.detail += self._remark()
            raise

    def _read(self) -> bytes:
        """Return the next bytes once there are some; empty at the end."""
        if not self._is_pending():
            self._waits.until_readable()
        while True:
            try:
                data: bytes = self._stream.recv(_RECEIVED)
            except ssl.SSLWantWriteError:
                self._waits.until_writable()
            except _NOT_READY:  # it was a message of TLS itself, or a part of one
                if self._is_pending():
                    self._waits.give_turn()
                else:
                    self._waits.until_readable()
            except _ENDED:
                return b""
            else:
                return data

    def _is_pending(self) -> bool:
        """Return True if TLS has something to do though the socket may not be readable."""
        return self._secure and self._stream.pending() > 0

    def _broken(self, error: OSError) -> TransferError:
        if self._waits.closed:
            return TransferError("reset", f"{self._server}: the job has ended")
        reason = "the connection was reset"
        if not isinstance(error, _BROKEN):
            reason = error.strerror or str(error)
        started = self._early is not None and self._early.started
        remark = "" if started else self._remark()
        return TransferError("reset", f"{self._server}: {reason}{remark}")

    def _remark(self) -> str:
        """Return a likely reason why the server ended the connection unanswered, or nothing."""
        return _KEPT if self.used else missing_certificate(self._stream)
