"""One connection to a server: it carries one request after another, plain or in TLS."""

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
from . import tls
from .answer import Answer
from .request import Upload

_READ = 1  # what a watcher of the loop looks for
_RECEIVED = 64 * 1024  # bytes taken from the socket at once
_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_BROKEN = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, *_ENDED)
_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_poll = monkey.get_original("select", "poll")
_plain = monkey.get_original("socket", "socket")  # gevent's asks whether to wait at each call


class UntouchedError(Exception):
    """A kept connection turned out to be dead before the first byte was written."""


class Connection:
    """A connected socket and what is known of it."""

    def __init__(
        self,
        stream: Union[socket.socket, ssl.SSLSocket],
        server: str,
        learn: Callable[[ssl.SSLSocket], None],
    ) -> None:
        self._secure = isinstance(stream, ssl.SSLSocket)
        if not self._secure:
            stream = _plain(fileno=stream.detach())
        stream.settimeout(0.0)  # all waiting is done here
        self._stream = stream
        self._server = server
        self._learn = learn
        self._readable = _poll()
        self._readable.register(stream.fileno(), select.POLLIN)
        self._hub = gevent.get_hub()
        self._arrival = self._hub.loop.io(stream.fileno(), _READ)
        self._closed = False
        self.used = False  # has it carried a request?

    def exchange(self, upload: Upload, answer: Answer) -> None:
        """Send a request and read its answer to the end.

        Raises TransferError, or UntouchedError if nothing of the request has left. After any
        exception, and unless the answer is reusable, it is good for nothing but `close()`.
        """
        try:
            whole = self._send(upload, answer)
            upload.watch.enter("waiting")
            if answer.heard:
                upload.watch.enter("receiving")
            self._receive(upload, answer)
        except ssl.SSLError as error:
            raise tls.failure(error, self._server) from error
        except OSError as error:
            raise self._cut(error) from error
        if not whole:
            answer.reusable = False
        if not self.used and isinstance(self._stream, ssl.SSLSocket):
            self._learn(self._stream)
        self.used = True

    def idle(self) -> bool:
        """True if the server has neither closed the kept connection nor said anything unasked."""
        if not self._readable.poll(0):
            return True
        if not self._secure:
            return False
        # TLS has messages of its own, such as session tickets.
        try:
            self._stream.recv(1)
        except _LATER:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close it at once; whoever waits on it gets an error."""
        self._closed = True
        self._hub.cancel_wait(self._arrival, ConnectionAbortedError(), close_watcher=True)
        self._stream.close()

    def _send(self, upload: Upload, answer: Answer) -> bool:
        """Send head and body; False if the server answered before it had all of them."""
        upload.watch.enter("sending")
        content = upload.content
        if content.small is not None:
            data = b"".join((upload.head, upload.before, content.small, upload.after))
            whole = self._write(data, answer, fresh=True)
        else:
            whole = self._write(upload.head + upload.before, answer, fresh=True)
            whole = whole and self._stream_out(content, upload, answer)
            whole = whole and self._write(upload.after, answer)
        if whole:
            upload.sent = content.size
        return whole

    def _stream_out(self, content: Content, upload: Upload, answer: Answer) -> bool:
        while upload.sent < content.size:
            block = content.read(upload.sent, BLOCK)
            if self._readable.poll(0) and self._heard(answer):
                return False
            if not self._write(block, answer):
                return False
            upload.sent += len(block)
            let_others_run()  # a fast server would leave no other greenlet its turn
        return True

    def _write(self, data: bytes, answer: Answer, fresh: bool = False) -> bool:
        """Write all of it, with an ear to the server; False if it has answered."""
        left = memoryview(data)
        while left:
            try:
                written = self._stream.send(left)
            except _LATER:
                written = 0
            except _BROKEN:
                if fresh and self.used and len(left) == len(data):
                    raise UntouchedError from None
                return False  # it may have answered before it hung up
            left = left[written:]
            if not written:
                wait_readwrite(self._stream.fileno())
                if self._readable.poll(0) and self._heard(answer):
                    return False
        return True

    def _heard(self, answer: Answer) -> bool:
        """Take what the server has to say in the middle of our body; True if that was final."""
        try:
            data = self._stream.recv(_RECEIVED)
        except _LATER:
            return False
        except _BROKEN:
            return True
        if not data:
            return True
        answer.feed(data)
        return answer.status != 0

    def _receive(self, upload: Upload, answer: Answer) -> None:
        while not answer.done:
            data = self._read()
            if not data:
                answer.end()
                return
            if not answer.heard:
                upload.watch.enter("receiving")
            answer.feed(data)

    def _read(self) -> bytes:
        """The next bytes once there are some; empty at the end."""
        # What TLS has decrypted already makes no socket readable; else a look would be early.
        if not (isinstance(self._stream, ssl.SSLSocket) and self._stream.pending()):
            self._await_arrival()
        while True:
            try:
                return self._stream.recv(_RECEIVED)
            except ssl.SSLWantWriteError:
                wait_write(self._stream.fileno())
            except _LATER:
                self._await_arrival()  # it was a message of TLS itself, or a part
            except _ENDED:
                return b""

    def _await_arrival(self) -> None:
        """Let others run until there is something to read, or perhaps a little earlier."""
        # As hub.wait() does it, but for what it does against a switch by somebody else.
        self._arrival.start(gevent.getcurrent().switch)
        try:
            self._hub.switch()
        finally:
            self._arrival.stop()

    def _cut(self, error: OSError) -> TransferError:
        if self._closed:
            return TransferError("reset", f"{self._server}: the job has ended")
        reason = "the connection was reset"
        if not isinstance(error, _BROKEN):
            reason = error.strerror or str(error)
        if self.used:
            reason += " (a kept connection: the server may close idle ones at this very moment)"
        return TransferError("reset", f"{self._server}: {reason}")
