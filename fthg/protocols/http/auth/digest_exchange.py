"""Authorizes requests by digest authentication: the challenge is learned once, and renewed."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import Optional

from gevent.event import Event

from ....errors import TransferError
from ..answer import Answer
from ..outgoing import Request
from .authorization import DigestLogin
from .challenges import Challenge, parse_challenges, parse_parameters
from .credentials import Credentials, Send
from .digest import Digest, UnusableError, strongest

_TIMES = 3
"""The most times that one transfer is sent: nonces that expire early may do so twice in a row."""

_FIRST_ANSWER_TIMEOUT = 5.0
"""Seconds that others wait for the first answer: they would be asked for the same in turn."""

_ROOT = re.compile(r"\A[a-z]+://[^/?]*")


class DigestExchange(Credentials):
    """The nonce that the transfers of one job share, each with a count of its own.

    The first request goes without: to ask by an empty one, as curl does, would make an empty file
    on a server that lets everyone in. It is sent again with what the server asks for, and so is
    each one whose nonce was good before and is no longer.
    """

    def __init__(self, login: DigestLogin) -> None:
        self._login = login
        self._digest: Optional[Digest] = None  # None: the server has not asked for one
        self._first: Optional[Event] = None  # set once the first answer is there, or failed

    def exchange(self, request: Request, send: Send) -> Answer:
        """Send a request, again if the server asks for another nonce."""
        if self._first is None:
            self._first = Event()
            try:
                return self._exchange(request, send)
            finally:
                self._first.set()
        if not self._first.ready():
            request.watch.enter("authenticating")
            self._first.wait(_FIRST_ANSWER_TIMEOUT)
        return self._exchange(request, send)

    def _exchange(self, request: Request, send: Send) -> Answer:
        digest = self._digest
        answer = self._send(request, send, digest)
        for left in reversed(range(_TIMES - 1)):
            digest = self._learn(digest, answer, share=left > 0)
            if digest is None:
                break
            request.restart()
            answer = self._send(request, send, digest)
        return answer

    def _send(self, request: Request, send: Send, digest: Optional[Digest]) -> Answer:
        request.sign = partial(self._sign, digest) if digest is not None else None
        return send()

    def _sign(self, digest: Digest, request: Request) -> str:
        target = _ROOT.sub("", request.target, count=1) or "/"  # a proxy passes on no more
        secret = self._login.secret
        if secret.is_due:
            request.watch.enter("authenticating")
        return digest.value(request.method, target, secret.current())

    def _learn(self, used: Optional[Digest], answer: Answer, *, share: bool) -> Optional[Digest]:
        """Return what to send the request again with; None if the answer counts.

        With the last one no other transfer may be faster: some servers want counts that only grow.
        """
        if answer.status != 401:
            if used is not None:
                self._accept(used, answer)
            return None
        asked = _asked_for(answer)
        if asked is None or (used is not None and not _may_help(used, asked)):
            return None
        made = Digest(asked, self._login.user, _cnonce())
        if share:
            self._digest = made
            if self._first is not None:
                self._first.set()
        return made

    def _accept(self, used: Digest, answer: Answer) -> None:
        used.accepted = True
        info = answer.fields.get(b"authentication-info")
        if info is None or self._digest is not used:
            return
        following = parse_parameters(info.decode("latin-1")).get("nextnonce", used.nonce)
        if following != used.nonce:
            self._digest = used.renewed(following, _cnonce())


def _asked_for(answer: Answer) -> Optional[Challenge]:
    """Return the strongest challenge of an answer; raises TransferError (auth) for none of ours."""
    values = answer.head.values("WWW-Authenticate") if answer.head else []
    try:
        return strongest(parse_challenges(values))
    except UnusableError as error:
        raise TransferError("auth", str(error), code=answer.status) from None


def _may_help(used: Digest, asked: Challenge) -> bool:
    """Return True if a refused request may be right with another nonce."""
    stale = asked.parameters.get("stale", "").lower() == "true"
    return (stale or used.accepted) and asked.parameters["nonce"] != used.nonce


def _cnonce() -> str:
    return os.urandom(16).hex()
