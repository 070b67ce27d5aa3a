"""Gets the tokens of jobs from a token server, and renews them before they end."""

from __future__ import annotations

from typing import Any, Optional, Union
from weakref import WeakValueDictionary

import gevent

from ....clock import SECOND, Clock
from ....errors import TransferError
from ....log import LEARNED, Log
from ...backoff import Backoff
from ...stopwatch import Stopwatch
from ..answer import Answer
from ..options import HttpOptions
from ..outgoing import Request
from .authorization import OAuth2
from .credentials import Credentials, Send
from .token import Token
from .token_client import TokenClient, same_tokens

_FIRST_WAIT = SECOND // 10

_log = Log(__name__)


class TokenSource:
    """The token of all jobs that would ask for the same.

    It is renewed while the present one is still good, and others go on using that one; without a
    good one all wait for the one renewal. After a failure the next attempt has to wait a little.
    """

    def __init__(self, client: TokenClient, clock: Clock) -> None:
        self._client = client
        self._now = clock.now
        self._token: Optional[Token] = None
        self._failure: Optional[TransferError] = None  # of the last renewal
        self._backoff = Backoff(_FIRST_WAIT)
        self._renewing: Any = None  # a greenlet, which gives a Token or a TransferError
        self.users: set[object] = set()

    def current(self, watch: Stopwatch) -> Token:
        """Return a token that is good; raises TransferError (auth) if it cannot get one."""
        token, now = self._token, self._now()
        if token is not None and now < token.good_until:
            if now >= token.renew_at and now >= self._backoff.until:
                self._renew()
            return token
        if self._failure is not None and now < self._backoff.until:
            raise _copy(self._failure)
        watch.enter("authenticating")
        return self._wait()

    def close(self) -> None:
        """End a renewal; greenlets that wait for it get an error."""
        self._client.close()
        if self._renewing is not None:
            self._renewing.kill(block=False)

    def _wait(self) -> Token:
        got = self._renew().get()
        if isinstance(got, Token):
            return got
        raise _copy(got) if isinstance(got, TransferError) else _ended()

    def _renew(self) -> Any:
        if self._renewing is None:
            self._renewing = gevent.spawn(self._fetch)
            self._renewing.link(self._forget)
        return self._renewing

    def _forget(self, _: object) -> None:
        self._renewing = None

    def _fetch(self) -> Union[Token, TransferError]:
        try:
            token = self._client.fetch()
        except TransferError as error:
            if self._failure is None:
                _log.warning("no token could be obtained", reason=error.detail)
            self._failure = error
            self._backoff.failed(self._now())
            return error
        LEARNED.add(self, token.text)
        self._token, self._failure = token, None
        self._backoff.succeeded()
        return token


class TokenExchange(Credentials):
    """Authorizes the requests of one job with the tokens of a source."""

    def __init__(self, source: TokenSource, key: object) -> None:
        self._source = source
        self._key = key
        source.users.add(self)

    def exchange(self, request: Request, send: Send) -> Answer:
        """Send a request with a good token; again, once, if one is refused that was good before."""
        used = self._source.current(request.watch)

        def sign(request: Request) -> str:  # a connection may have taken long to be made
            nonlocal used
            used = self._source.current(request.watch)
            return f"Bearer {used.text}"

        request.sign = sign
        answer = send()
        if answer.status == 401 and used.refuse():
            request.restart()
            answer = send()
        if answer.status != 401:
            used.accepted = True
        return answer

    def close(self) -> None:
        """Leave the source; the last user ends it."""
        self._source.users.discard(self)
        if not self._source.users:
            _shared.pop(self._key, None)
            self._source.close()


_shared: WeakValueDictionary[object, TokenSource] = WeakValueDictionary()


def token_exchange(options: HttpOptions, auth: OAuth2, clock: Clock) -> TokenExchange:
    """Return what authorizes a job; jobs with the same settings share their tokens."""
    key = same_tokens(options, auth), clock
    source = _shared.get(key)
    if source is None:
        source = _shared[key] = TokenSource(TokenClient(options, auth, clock), clock)
    return TokenExchange(source, key)


def _copy(error: TransferError) -> TransferError:
    """Return the error for one transfer: all that waited share the original."""
    return TransferError(error.kind, error.detail, code=error.code)


def _ended() -> TransferError:
    return TransferError("auth", "the token server: the job has ended")
