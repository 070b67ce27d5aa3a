"""Speaks TLS with a server through a tunnel that is in TLS itself, of an https:// proxy."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Optional

from .tls import Context

_RECEIVED = 64 * 1024  # bytes taken from the outer stream at once


class TlsInTls:
    """A stream within an outer one, with the methods of a non-blocking SSLSocket."""

    def __init__(
        self,
        outer: ssl.SSLSocket,
        context: Context,
        server_hostname: str,
        session: Optional[ssl.SSLSession],
    ) -> None:
        """Make the handshake; `outer` blocks until it is done."""
        self._outer = outer
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._encrypted = b""  # to be sent by the outer stream
        self._inner = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname=server_hostname, session=session
        )
        with context.watching(self):
            self._handshake()

    @property
    def session(self) -> Optional[ssl.SSLSession]:
        """The session that the server gave."""
        return self._inner.session

    @property
    def session_reused(self) -> Optional[bool]:
        """True if the handshake resumed a session."""
        return self._inner.session_reused

    def settimeout(self, seconds: Optional[float]) -> None:
        """Set the longest wait of the outer stream; 0: it never waits."""
        self._outer.settimeout(seconds)

    def fileno(self) -> int:
        """Return the descriptor of the outer stream."""
        return self._outer.fileno()

    def getsockopt(self, level: int, option: int, size: int) -> bytes:
        """Return an option of the outer stream's socket."""
        return self._outer.getsockopt(level, option, size)

    def pending(self) -> int:
        """Return more than 0 if `recv` has more to do than to wait until the socket is readable.

        There are bytes that were received already, or some that are still to be sent: until then
        the server has no reason to answer.
        """
        received = self._inner.pending() + self._incoming.pending + self._outer.pending()
        return received + len(self._encrypted)

    def recv(self, size: int) -> bytes:
        """Return the next bytes, nothing at the end; raises SSLWantReadError, SSLWantWriteError."""
        while True:
            self._flush()
            try:
                return self._inner.read(size)
            except ssl.SSLWantReadError:
                self._pull()
            except ssl.SSLZeroReturnError:
                return b""

    def send(self, data: memoryview) -> int:
        """Return how many bytes were taken; raises SSLWantWriteError."""
        self._flush()
        written = self._inner.write(data)
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._flush()  # the next call begins with what is left
        return written

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
            except ssl.SSLError:
                self._flush()  # an alert that says why
                raise
            else:
                self._flush()
                return

    def _pull(self) -> None:
        data = self._outer.recv(_RECEIVED)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        self._encrypted += self._outgoing.read()
        while self._encrypted:
            written = self._outer.send(self._encrypted)
            if not written:  # gevent's SSLSocket says so instead of raising it
                raise ssl.SSLWantWriteError
            self._encrypted = self._encrypted[written:]
