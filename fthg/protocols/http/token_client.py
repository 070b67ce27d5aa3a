"""Asks a token server for tokens, over connections of its own (RFC 6749, section 4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

import requests

from ...clock import Clock
from ...content import BLOCK, Content
from ...errors import HOST_LIMITS, TransferError
from ...placeholders import Template
from ...transfer import Transfer
from ..deadlines import TimeLimit
from ..dial import Dialer
from ..stopwatch import Stopwatch
from .answer import SEARCHED, Answer
from .authorization import Authorization, OAuth2
from .client import Client
from .codings import decoded
from .credentials import current_text
from .options import HttpOptions
from .token import Token, error_words, parse_token
from .verdict import answer_text

_LONGEST = 60.0
"""Seconds that the token server has for an answer, if the job's transfers may take longer."""


class TokenClient:
    """One client of one token server."""

    def __init__(self, options: HttpOptions, auth: OAuth2, clock: Clock) -> None:
        """Raise StartError or TransferError if certificates, keys or the proxy are unusable."""
        self._clock = clock
        client = auth.client
        self._own = _own_options(options, auth, client)
        self._timeout = self._own.timeout
        self._session = requests.Session()
        self._session.trust_env = options.trust_env
        self._dialer = Dialer(self._own, clock)
        self._client = Client(self._own, self._session, self._dialer, clock, current_text(client))
        self._form = _Form(auth)

    def fetch(self) -> Token:
        """Return a new token; raises TransferError (auth), or that of a limit of this host."""
        limit = TimeLimit(self._timeout, self._clock)
        asked = self._clock.now()
        try:
            with limit:
                answer = self._ask()
        except TransferError as error:
            kind = error.kind if error.kind in HOST_LIMITS else "auth"
            raise TransferError(kind, f"{self._named}: {error.detail}", code=error.code) from None
        except TimeLimit as error:
            if error is not limit:
                raise
            raise TransferError(
                "auth", f"{self._named}: no answer within {self._timeout:g}s"
            ) from None
        return self._token_of(answer, asked)

    def close(self) -> None:
        """End its connections."""
        self._dialer.close()
        self._client.close()
        self._session.close()

    @property
    def _named(self) -> str:
        return f"the token server {self._own.server.server}"

    def _ask(self) -> Answer:
        transfer = Transfer(self._own.job, 0, "", "", "token", self._form.size, self._clock.utc())
        watch = Stopwatch(self._clock.now)
        request = self._client.template.fill(transfer, self._form, watch)
        request.kept = SEARCHED
        return self._client.send(request)

    def _token_of(self, answer: Answer, asked: int) -> Token:
        content = decoded(answer.fields, bytes(answer.excerpt), SEARCHED)
        body = content.data if content is not None else b""
        if answer.status != 200:
            words = error_words(body)
            said = f"{answer.status} {words}" if words else answer_text(answer)
            raise TransferError("auth", f"{self._named} gave no token: {said}", code=answer.status)
        try:
            return parse_token(body, asked)
        except ValueError as error:
            raise TransferError("auth", f"{self._named}: {error}") from None


class _Form(Content):
    """The body of each request."""

    def __init__(self, auth: OAuth2) -> None:
        fields = {"grant_type": "client_credentials", "scope": auth.scope}
        fields["audience"] = auth.audience
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


def _own_options(options: HttpOptions, auth: OAuth2, client: Authorization) -> HttpOptions:
    same = {name: getattr(options, name) for name in _TAKEN_OVER}
    own = HttpOptions(
        job=options.job,
        url=Template(auth.token_url.replace("{", "%7B").replace("}", "%7D")),
        headers={"Accept": Template("application/json")},
        content_type="application/x-www-form-urlencoded",
        auth=client,
        reuse=False,
        **same,
    )
    return replace(own, timeout=min(own.timeout, _LONGEST))


def same_tokens(options: HttpOptions, auth: OAuth2) -> Sequence[object]:
    """Return what is equal for jobs that would ask in the same way for the same tokens."""
    return (
        *(getattr(options, name) for name in _TAKEN_OVER),
        *(auth.token_url, auth.client_id, auth.scope, auth.audience, auth.secret.current()),
    )
