"""Carries requests over one connection, plain or in TLS, one after another."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable
from typing import Union

import gevent
from gevent import monkey
from gevent.socket import wait_readwrite, wait_write

from ...clock import let_others_run
from ...errors import TransferError
from ..content import BLOCK, Content
from ..peers import peer_of
from ..tcp_info import delivery_of
from .answer import Answer
from .request import UploadRequest
from .tls_failures import missing_certificate, tls_failure

_KEPT = " (a kept connection: the server may close idle ones at this very moment)"
_READ = 1  # the event of a watcher of the loop
_RECEIVED = 64 * 1024  # bytes taken from the socket at once
_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_BROKEN = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, *_ENDED)
_NOT_READY = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_poll = monkey.get_original("select", "poll")
_plain = monkey.get_original("socket", "socket")  # gevent's asks whether to wait at each call


class StaleConnectionError(Exception):
    """A kept connection turned out to be dead before the first byte was written."""


class HttpConnection:
    """A connected socket that carries HTTP/1.1 requests."""

    def __init__(
        self,
        stream: Union[socket.socket, ssl.SSLSocket],
        server: str,
        on_first_answer: Callable[[ssl.SSLSocket], None],
    ) -> None:
        self._peer = peer_of(stream)
        self._secure = isinstance(stream, ssl.SSLSocket)
        if not self._secure:
            stream = _plain(fileno=stream.detach())
        stream.settimeout(0.0)  # all waiting is done here
        self._stream = stream
        self._server = server
        self._on_first_answer = on_first_answer
        self._readable = _poll()
        self._readable.register(stream.fileno(), select.POLLIN)
        self._hub = gevent.get_hub()
        self._watcher = self._hub.loop.io(stream.fileno(), _READ)
        self._closed = False
        self.used = False
        """True once it has carried a request."""

    def exchange(self, request: UploadRequest, answer: Answer) -> None:
        """Send a request and read its answer to the end.

        Raises TransferError, or StaleConnectionError if nothing of the request has left. After
        any exception, and unless the answer is reusable, only `close()` may follow.
        """
        request.peer = self._peer
        try:
            self._exchange(request, answer)
        except BaseException:
            request.delivery = delivery_of(self._stream)
            raise
        if not self.used:
            self._after_first_answer()

    def _exchange(self, request: UploadRequest, answer: Answer) -> None:
        try:
            whole = self._send(request, answer)
            request.watch.enter("waiting")
            if answer.started:
                request.watch.enter("receiving")
            self._receive(request, answer)
        except ssl.SSLError as error:
            raise tls_failure(error, self._server) from error
        except OSError as error:
            raise self._broken(error, answer) from error
        except TransferError as error:
            if error.kind == "reset":
                error.detail += self._remark(answer)
            raise
        if not whole:
            answer.reusable = False

    def idle(self) -> bool:
        """Return True if the server has neither closed the connection nor sent anything unasked."""
        if not self._readable.poll(0):
            return True
        if not self._secure:
            return False
        # TLS has messages of its own, such as session tickets.
        try:
            self._stream.recv(1)
        except _NOT_READY:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close it at once; whoever waits on it gets an error."""
        self._closed = True
        self._hub.cancel_wait(self._watcher, ConnectionAbortedError(), close_watcher=True)
        self._stream.close()

    def _send(self, request: UploadRequest, answer: Answer) -> bool:
        """Send head and body; return False if the server answered before it had all of them."""
        request.watch.enter("sending")
        content = request.content
        if content.small is not None:
            data = b"".join((request.head, request.before, content.small, request.after))
            whole = self._write(data, answer, fresh=True)
        else:
            whole = self._write(request.head + request.before, answer, fresh=True)
            whole = whole and self._send_file(content, request, answer)
            whole = whole and self._write(request.after, answer)
        if whole:
            request.sent = content.size
        return whole

    def _send_file(self, content: Content, request: UploadRequest, answer: Answer) -> bool:
        while request.sent < content.size:
            block = content.read(request.sent, BLOCK)
            if self._readable.poll(0) and self._read_early(answer):
                return False
            if not self._write(block, answer):
                return False
            request.sent += len(block)
            let_others_run()  # a fast server would leave no other greenlet its turn
        return True

    def _write(self, data: bytes, answer: Answer, fresh: bool = False) -> bool:
        """Write all data unless the server answers meanwhile; return False if it does."""
        left = memoryview(data)
        while left:
            try:
                written = self._stream.send(left)
            except _NOT_READY:
                written = 0
            except _BROKEN:
                if fresh and self.used and len(left) == len(data):
                    raise StaleConnectionError from None
                return False  # it may have answered before it closed
            left = left[written:]
            if not written:
                wait_readwrite(self._stream.fileno())
                if self._readable.poll(0) and self._read_early(answer):
                    return False
        return True

    def _read_early(self, answer: Answer) -> bool:
        """Read what the server sends while the body is being sent; return True if it is final."""
        try:
            data = self._stream.recv(_RECEIVED)
        except _NOT_READY:
            return False
        except _BROKEN:
            return True
        if not data:
            return True
        answer.feed(data)
        return answer.status != 0

    def _receive(self, request: UploadRequest, answer: Answer) -> None:
        while not answer.done:
            data = self._read()
            if not data:
                answer.end()
                return
            if not answer.started:
                request.watch.enter("receiving")
            answer.feed(data)

    def _read(self) -> bytes:
        """Return the next bytes once there are some; empty at the end."""
        # Bytes that TLS has decrypted already do not make the socket readable.
        if not (isinstance(self._stream, ssl.SSLSocket) and self._stream.pending()):
            self._wait_readable()
        while True:
            try:
                return self._stream.recv(_RECEIVED)
            except ssl.SSLWantWriteError:
                wait_write(self._stream.fileno())
            except _NOT_READY:
                self._wait_readable()  # it was a message of TLS itself, or a part of one
            except _ENDED:
                return b""

    def _wait_readable(self) -> None:
        """Let others run until there is something to read, or perhaps a little earlier."""
        # As hub.wait() does it, without its guard against a switch from elsewhere.
        self._watcher.start(gevent.getcurrent().switch)
        try:
            self._hub.switch()
        finally:
            self._watcher.stop()

    def _after_first_answer(self) -> None:
        if isinstance(self._stream, ssl.SSLSocket):
            self._on_first_answer(self._stream)
        self._peer = self._peer and self._peer._replace(reused=True)
        self.used = True

    def _broken(self, error: OSError, answer: Answer) -> TransferError:
        if self._closed:
            return TransferError("reset", f"{self._server}: the job has ended")
        reason = "the connection was reset"
        if not isinstance(error, _BROKEN):
            reason = error.strerror or str(error)
        return TransferError("reset", f"{self._server}: {reason}{self._remark(answer)}")

    def _remark(self, answer: Answer) -> str:
        """Return a likely reason why the server ended the connection, or nothing."""
        if answer.started:
            return ""
        return _KEPT if self.used else missing_certificate(self._stream)
