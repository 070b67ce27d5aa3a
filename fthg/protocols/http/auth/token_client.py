"""Asks a token server for tokens, over connections of its own (RFC 6749, section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional
from urllib.parse import urlencode

import requests

from ....clock import Clock
from ....content import BLOCK, Content
from ....errors import HOST_LIMITS, TransferError
from ....log import Masks
from ....placeholders import Template
from ....transfer import Transfer
from ...deadlines import TimeLimit
from ...dial import Dialer
from ...stopwatch import Stopwatch
from ..answer import SEARCHED, Answer
from ..client import Client
from ..codings import decoded
from ..options import HttpOptions
from ..verdict import answer_text
from .authorization import OAuth2
from .token import Token, error_words, parse_token

_LONGEST = 60.0
"""Seconds that the token server has for an answer, if the job's transfers may take longer."""


_OF_KNOWN_CLIENTS = ("invalid_scope", "invalid_target", "unsupported_grant_type")


class TokenClient:
    """One client of one token server.

    It gives name and secret by basic authentication, as each server must take them; one that gives
    no token gets them in the body, as some want them instead (section 2.3.1).
    """

    def __init__(self, options: HttpOptions, auth: OAuth2, clock: Clock) -> None:
        """Raise StartError or TransferError if certificates, keys or the proxy are unusable."""
        self._clock = clock
        self._auth = auth
        self._own = _own_options(options, auth)
        self._session = requests.Session()
        self._session.trust_env = options.trust_env
        self._dialer = Dialer(self._own, clock)
        self._client = Client(self._own, self._session, self._dialer, clock)
        self._login = auth.client
        self._in_body: Optional[bool] = None  # None: no token has come yet

    def fetch(self) -> Token:
        """Return a new token; raises TransferError (auth), or that of a limit of this host."""
        seconds = self._own.timeout
        limit = TimeLimit(seconds, self._clock)
        try:
            with limit:
                return self._fetch()
        except TransferError as error:
            kind = error.kind if error.kind in HOST_LIMITS else "auth"
            detail = error.detail.removeprefix(f"{self._own.server.server}: ")
            said = Masks(self._auth.secrets).excerpt(detail)  # it may be cut within a secret
            raise TransferError(kind, f"{self._named}: {said}", code=error.code) from None
        except TimeLimit as error:
            if error is not limit:
                raise
            late = f"{self._named}: no answer within {seconds:g}s"
            raise TransferError("auth", late) from None

    def close(self) -> None:
        """End its connections."""
        self._dialer.close()
        self._client.close()
        self._session.close()

    @property
    def _named(self) -> str:
        return f"the token server {self._own.server.server}"

    def _fetch(self) -> Token:
        asked, in_body = self._clock.now(), bool(self._in_body)
        answer = self._ask(in_body=in_body)
        if self._in_body is None and _may_want_body(answer):
            other = self._ask(in_body=True)
            if not _is_success(other):
                raise _refused(answer, other)
            answer, in_body = other, True
        token = _token_of(answer, asked)
        self._in_body = in_body
        return token

    def _ask(self, *, in_body: bool) -> Answer:
        form = _Form(self._auth, in_body=in_body)
        transfer = Transfer(self._own.job, 0, "", "", "token", form.size, self._clock.utc())
        request = self._client.template.fill(transfer, form, Stopwatch(self._clock.now))
        request.kept = SEARCHED
        if not in_body:
            request.sign = lambda _: self._login.value
        return self._client.send(request)


def _body(answer: Answer) -> bytes:
    content = decoded(answer.fields, bytes(answer.excerpt), SEARCHED)
    return content.data if content is not None else b""


def _may_want_body(answer: Answer) -> bool:
    """Return True unless it is clear that the server knows the client: errors have many names."""
    if answer.status not in (400, 401, 403):
        return False
    return error_words(_body(answer)).partition(":")[0] not in _OF_KNOWN_CLIENTS


def _is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300  # more than one server says `201 Created`


def _refused(*answers: Answer) -> TransferError:
    """Return the error for answers: the first one's, and that of another way if it differs."""
    first, *others = dict.fromkeys(_words(answer) for answer in answers)
    more = "".join(f"; with name and secret in the body: {words}" for words in others)
    return TransferError("auth", f"no token: {first}{more}", code=answers[0].status)


def _words(answer: Answer) -> str:
    words = error_words(_body(answer))
    return f"{answer.status} {words}" if words else answer_text(answer)


def _token_of(answer: Answer, asked: int) -> Token:
    if not _is_success(answer):
        raise _refused(answer)
    try:
        return parse_token(_body(answer), asked)
    except ValueError as error:
        raise TransferError("auth", str(error)) from None


class _Form(Content):
    """The body of a request."""

    def __init__(self, auth: OAuth2, *, in_body: bool) -> None:
        fields = {
            "grant_type": "client_credentials",
            "scope": auth.scope,
            "audience": auth.audience,
            "client_id": auth.client_id if in_body else None,
            "client_secret": auth.secret.current() if in_body else None,
        }
        given = {name: value for name, value in fields.items() if value is not None}
        form = urlencode(given).encode()
        super().__init__(len(form), form)

    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        """Return a part of it."""
        return (self.small or b"")[offset : offset + most]


_TAKEN_OVER = (
    "timeout", "connect_timeout", "addresses", "source", "cert", "key", "passphrase", "ca",
    "verify", "resume", "proxy", "trust_env",
)  # fmt: skip
"""Options of a job that hold for its token server, too."""


def _own_options(options: HttpOptions, auth: OAuth2) -> HttpOptions:
    same = {name: getattr(options, name) for name in _TAKEN_OVER}
    own = HttpOptions(
        job=options.job,
        url=Template(auth.token_url.replace("{", "%7B").replace("}", "%7D")),
        headers={"Accept": (Template("application/json"),)},
        content_type="application/x-www-form-urlencoded",
        auth=auth,  # it sets no header, and keeps ~/.netrc out
        reuse=False,
        **same,
    )
    if (own.server.host, own.server.port) == (options.server.host, options.server.port):
        own = replace(own, connect_to=options.connect_to)
    return replace(own, timeout=min(own.timeout, _LONGEST))


def same_tokens(options: HttpOptions, auth: OAuth2) -> Sequence[object]:
    """Return what is equal for jobs that would ask in the same way for the same tokens."""
    return (
        *(getattr(options, name) for name in _TAKEN_OVER),
        _own_options(options, auth).connect_to,
        *(auth.token_url, auth.client_id, auth.scope, auth.audience, auth.secret.current()),
    )
