"""Remembers the TLS session that new connections to a server resume."""

from __future__ import annotations

import ssl
from typing import Optional

from ....clock import SECOND, Clock
from .settings import Context
from .stream import TlsStream

_SHORTEST_WAIT = 60 * SECOND
_LONGEST_WAIT = 3600 * SECOND


class Resumption:
    """The session that a server gave, replaced by a newer one only when it must be.

    Each time a socket is asked for its session, CPython 3.10 and 3.11 and the first 3.12 and 3.13
    leak 6 KB: a copy that is never freed (github.com/python/cpython/issues/116810). So it is
    asked only after a handshake that has resumed none, and no sooner than a minute after the last
    time; where no session is ever resumed, after two minutes, four, and so on up to an hour.
    """

    def __init__(self, clock: Clock) -> None:
        self._session: Optional[ssl.SSLSession] = None
        self._context: Optional[Context] = None
        self._clock = clock
        self._next_read = clock.now()
        self._wait = _SHORTEST_WAIT

    def session(self, context: Context) -> Optional[ssl.SSLSession]:
        """Return the session that a connection with this context resumes; None: a full handshake.

        One of another context would carry on with the client certificate that was shown then.
        """
        if context is not self._context:
            self._context, self._session = context, None
            self._next_read, self._wait = self._clock.now(), _SHORTEST_WAIT
        return self._session

    def learn(self, stream: TlsStream) -> None:
        """Take the session of a connection on which the server has answered.

        Not sooner: with TLS 1.3 a server sends it after the handshake.
        """
        if stream.context is not self._context:  # it was replaced, or nothing is resumed
            return
        now = self._clock.now()
        if stream.session_reused:
            self._wait = _SHORTEST_WAIT
        elif now >= self._next_read:
            self._session = stream.session
            self._next_read = now + self._wait
            self._wait = min(2 * self._wait, _LONGEST_WAIT)

    def forget(self) -> None:
        """Resume none: the last handshake failed."""
        self._session = None
