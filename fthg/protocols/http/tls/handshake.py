"""Remembers what the server showed in a TLS handshake, above all in one that failed.

Python gives a peer's certificate only once it is verified, and never says whether the server asked
for one of ours. OpenSSL shows both as they pass, by a callback that Python keeps private; where
there is none, nothing is known.
"""

from __future__ import annotations

import _ssl  # by ssl's own property each record would cost some microseconds
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Optional

from gevent import getcurrent

_RECEIVED = "read"
_HANDSHAKE, _CERTIFICATE, _CERTIFICATE_REQUEST = 22, 11, 13  # types of a record and of messages
_TLS_1_3 = 0x0304
_ATTRIBUTE = "_fthg_shown"


class Shown:
    """The certificates that a server sent in one handshake, and whether it asked for ours."""

    def __init__(self, ca: Optional[str], cert: Optional[str]) -> None:
        self.ca = ca
        self.cert = cert
        self.chain: list[bytes] = []
        """Its certificates as DER, its own first."""
        self.asks = False
        """True if it asked for a client certificate."""


def shown_by(owner: object) -> Optional[Shown]:
    """Return what the server sent in the handshake of a stream, or before an error."""
    found = getattr(owner, _ATTRIBUTE, None)
    return found if isinstance(found, Shown) else None


class HandshakeWatch:
    """Watches the handshakes that are made with one context, one at a time in a greenlet."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._running: dict[object, Shown] = {}
        with suppress(AttributeError):
            _ssl._SSLContext._msg_callback.__set__(  # type: ignore[attr-defined]
                context, self._on_message
            )

    @contextmanager
    def watch(self, stream: object, shown: Shown) -> Iterator[None]:
        """Watch the handshake made in this block; pass its stream, or its error, to `shown_by`."""
        greenlet = getcurrent()
        self._running[greenlet] = shown
        try:
            yield
        except OSError as error:
            setattr(error, _ATTRIBUTE, shown)
            raise
        finally:
            del self._running[greenlet]
        shown.chain = []  # it was accepted, and the connection may stay open for long
        setattr(stream, _ATTRIBUTE, shown)

    def _on_message(
        self, _owner: object, direction: str, version: int, record: int, kind: int, data: bytes
    ) -> None:
        if record != _HANDSHAKE or direction != _RECEIVED:
            return
        shown = self._running.get(getcurrent())
        if shown is None:
            return
        if kind == _CERTIFICATE:
            shown.chain = list(certificates_of(data, version))
        elif kind == _CERTIFICATE_REQUEST:
            shown.asks = True


def certificates_of(message: bytes, version: int) -> Iterator[bytes]:
    """Yield the certificates of a message (RFC 5246, 7.4.2; RFC 8446, 4.4.2)."""
    modern = version >= _TLS_1_3
    at = 4 + (1 + _number(message[4:5]) if modern else 0) + 3  # type, length; context; length
    while at + 3 < len(message):
        end = at + 3 + _number(message[at : at + 3])
        yield message[at + 3 : end]
        at = end + (2 + _number(message[end : end + 2]) if modern else 0)  # extensions


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
