"""Speaks TLS over a socket, or through a tunnel that is in TLS itself, of an https:// proxy.

OpenSSL gets bytes only piece by piece, from memory. If it read from the socket itself, it would not
return as long as a server sends what it skips, such as HelloRequest or session tickets.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Optional, Union

from gevent import monkey

from ....clock import Clock
from ...turns import Turns
from .settings import Context, log_handshake

_MOST = 16 * 1024  # bytes taken from the outer stream at once
_FIRST = 4 * 1024  # the same at the beginning of the handshake
_LEAST = 512  # the same where most hold no data: 100 messages that OpenSSL skips take 0.3 ms
_UNSENT = 64 * 1024  # bytes, above which no more is read that has to be answered
_plain = monkey.get_original("socket", "socket")  # gevent's asks whether to wait at each call


class TlsStream:
    """A stream in TLS within an outer one, a socket or another TlsStream.

    It waits, and lets others run meanwhile, until `stop_waiting`; then `recv` raises
    BlockingIOError, SSLWantReadError or SSLWantWriteError, and `send` the last two.
    """

    def __init__(
        self,
        outer: Stream,
        context: Context,
        server_hostname: str,
        session: Optional[ssl.SSLSession],
        clock: Clock,
    ) -> None:
        """Make the handshake; the outer stream stays open if it fails. May raise StartError."""
        self.context = context
        """The context that the handshake was made with."""
        self._outer = outer
        self._turns = Turns(clock)
        self._waits = True
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._encrypted = b""  # to be sent by the outer stream
        self._piece = _FIRST  # bytes to be taken from the outer stream
        self._taken = 0  # bytes of the caller's that were encrypted, and not all sent yet
        self._inner = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname, session=session
        )
        with context.watching(self):
            self._handshake()
            context.check_name(self._inner, server_hostname)
        log_handshake(self._inner, server_hostname)

    @property
    def session(self) -> Optional[ssl.SSLSession]:
        """The session that the server gave."""
        return self._inner.session

    @property
    def session_reused(self) -> Optional[bool]:
        """True if the handshake resumed a session."""
        return self._inner.session_reused

    def stop_waiting(self) -> None:
        """Raise an error from now on where it would have to wait."""
        self._waits = False
        self._outer = stop_waiting(self._outer)

    def fileno(self) -> int:
        """Return the descriptor of the socket."""
        return self._outer.fileno()

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Return an option of the socket."""
        return self._outer.getsockopt(level, option, size)

    def pending(self) -> int:
        """Return more than 0 if `recv` has more to do than to wait until the socket is readable.

        There are bytes that were received already, or some of TLS itself that are still to be sent:
        until then the server has no reason to answer.
        """
        received = self._inner.pending() + self._incoming.pending
        if isinstance(self._outer, TlsStream):
            received += self._outer.pending()
        unsent = len(self._encrypted) + self._outgoing.pending
        return received if self._taken else received + unsent

    def recv(self, size: int) -> bytes:
        """Return the next bytes, nothing at the end.

        SSLWantReadError also comes once a piece is read that holds none: there may be more.
        """
        while True:
            try:
                return self._recv(size)
            except ssl.SSLWantReadError:
                self._answer()
                if not self._waits:
                    raise
                self._turns.give()

    def sendall(self, data: bytes) -> None:
        """Send all bytes; only while it waits."""
        left = memoryview(data)
        while left:
            left = left[self.send(left) :]

    def send(self, data: Union[bytes, memoryview]) -> int:
        """Return how many bytes were sent; after an error the same ones must be given again."""
        if not self._taken:
            if self._encrypted or self._outgoing.pending:
                self._flush()
            try:
                self._taken = self._inner.write(data)
            except ssl.SSLWantReadError:  # the server has asked for a new handshake
                self._flush()
                raise
        self._flush()
        taken, self._taken = self._taken, 0
        return taken

    def close(self) -> None:
        """Close the outer stream."""
        self._outer.close()

    def _handshake(self) -> None:
        while True:
            try:
                self._inner.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._pull()
                self._turns.give()
            except ssl.SSLError:
                with suppress(OSError):
                    self._flush()  # an alert that says why
                raise
            else:
                self._flush()
                return

    def _recv(self, size: int) -> bytes:
        if self._encrypted or self._outgoing.pending:
            self._answer()
        if not (self._incoming.pending or self._inner.pending()):
            self._pull()
        try:
            data = self._inner.read(size)
        except ssl.SSLZeroReturnError:
            return b""
        self._piece = _MOST
        return data

    def _answer(self) -> None:
        """Send what TLS itself has to send; not before the caller's data, which may take long."""
        try:
            self._flush()
        except ssl.SSLWantWriteError:
            if not self._taken or len(self._encrypted) > _UNSENT:
                raise

    def _pull(self) -> None:
        data = self._outer.recv(self._piece)
        self._piece = max(self._piece // 2, _LEAST)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        """Send what is encrypted; raises SSLWantWriteError."""
        left = self._encrypted + self._outgoing.read()
        try:
            while left:
                left = left[self._outer.send(left) :]
        except BlockingIOError:
            raise ssl.SSLWantWriteError from None
        finally:
            self._encrypted = left


Stream = Union[socket.socket, TlsStream]


def stop_waiting(stream: Stream) -> Stream:
    """Return the stream in a form that raises an error where it would have to wait."""
    if isinstance(stream, TlsStream):
        stream.stop_waiting()
        return stream
    plain: socket.socket = _plain(fileno=stream.detach())
    plain.settimeout(0.0)
    return plain
