"""Carries requests over one connection, plain or in TLS, one after another."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Optional

from ...errors import TransferError
from ...peer import Peer
from ..tcp_info import delivery_of
from .answer import Answer
from .head import excerpt, other_protocol
from .outgoing import Request
from .sending import BROKEN, ENDED, NOT_READY, RECEIVED, SendingConnection, StaleConnectionError
from .tls.failures import missing_certificate, tls_failure
from .tls.stream import Stream, TlsStream

_KEPT = " (a kept connection: the server may close idle ones earlier than idle_timeout says)"


class HttpConnection(SendingConnection):
    """A connected stream that carries HTTP/1.1 requests, one after another."""

    def __init__(
        self,
        stream: Stream,
        peer: Optional[Peer],
        server: str,
        on_first_answer: Callable[[TlsStream], None],
    ) -> None:
        super().__init__(stream)
        self._peer = peer
        self._server = server
        self._on_first_answer = on_first_answer
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
            if self._waits.is_readable() or self._is_pending():
                self._refuse_unasked()
            self._send(request)
            answer = self._receive(request)
        except BaseException as error:
            request.delivery = delivery_of(self._stream)
            if isinstance(error, OSError):
                raise self._broken(error, request) from error
            raise
        # The rest of a body would be taken for a request.
        self.reusable = answer.reusable and not self._ended and request.whole
        if not self.used:
            self._after_first_answer()
        return answer

    def close(self) -> None:
        """Close it at once; greenlets that wait on it get an error."""
        self._waits.close()
        self._stream.close()

    def _after_first_answer(self) -> None:
        self.used = True
        if self._secure:
            self._on_first_answer(self._stream)
        if self._peer is not None:
            self._peer = self._peer._replace(reused=True)

    def _refuse_unasked(self) -> None:
        """Raise an error if the server has closed the connection, or has sent anything already."""
        try:
            data = self._stream.recv(RECEIVED)
        except NOT_READY:
            return  # TLS has messages of its own, such as session tickets
        except ENDED:
            data = b""
        except OSError:
            if self.used:
                raise StaleConnectionError from None
            raise
        if self.used:
            raise StaleConnectionError
        if not data:
            raise TransferError("reset", f"{self._server}: the server closed the connection")
        remark = other_protocol(data)
        reason = f"the server sent {excerpt(data)} before it was asked anything{remark}"
        raise TransferError("protocol", f"{self._server}: {reason}")

    def _receive(self, request: Request) -> Answer:
        watch, answer = request.watch, self._early
        watch.enter("waiting")
        if answer is not None and answer.begun:
            watch.enter("receiving")
        while answer is None or not answer.done:
            if not self._is_pending():
                self._waits.until(self._waits.readable)
            try:
                data = self._read()
            except ConnectionResetError:
                if answer is None or not _has_refused(answer, request):
                    raise
                data = b""
            if answer is None:  # only now: thousands may be awaited
                answer = Answer(request.method, request.kept)
            if not data:
                self._on_end(request, answer)
                break
            answer.feed(data)
            if watch.phase == "waiting" and answer.begun:
                watch.enter("receiving")
            self._catch_up(answer)
        return answer

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
        """Return the next bytes, which are to be expected; empty at the end."""
        while True:
            try:
                data: bytes = self._stream.recv(RECEIVED)
            except ssl.SSLWantWriteError:
                self._waits.until(self._waits.writable)
            except NOT_READY:  # it was a message of TLS itself, or a part of one
                if self._is_pending():
                    self._waits.give_turn()
                else:
                    self._waits.until(self._waits.readable)
            except ENDED:
                return b""
            else:
                return data

    def _broken(self, error: OSError, request: Request) -> TransferError:
        if isinstance(error, ssl.SSLError):
            return tls_failure(error, self._server)
        if self._waits.closed:
            return TransferError("reset", f"{self._server}: the job has ended")
        reason = "the connection was reset"
        if not isinstance(error, BROKEN):
            reason = error.strerror or str(error)
        started = self._early is not None and self._early.started
        if request.whole and not started:
            reason += " after all was sent, before an answer"
        remark = "" if started else self._remark()
        return TransferError("reset", f"{self._server}: {reason}{remark}")

    def _remark(self) -> str:
        """Return a likely reason why the server ended the connection unanswered, or nothing."""
        return _KEPT if self.used else missing_certificate(self._stream)


def _has_refused(answer: Answer, request: Request) -> bool:
    """Return True if a reset comes after an answer, and is no surprise.

    So do servers that answer and close without reading the request to its end.
    """
    return answer.status >= 400 or (answer.status > 0 and not request.whole)
