"""Sends files by HTTP and HTTPS: each file is the body of one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import requests

from ...clock import Clock
from ...errors import StartError, TransferError
from ...transfer import Sent, Transfer
from ..base import Sender
from ..deadlines import Deadlines, TimeUpError
from ..dial import Dialer
from ..files import Files
from ..stopwatch import Stopwatch
from .auth.signing import make_credentials
from .client import Client
from .options import KEYS, HttpOptions
from .outgoing import Request
from .verdict import Judge

_LATE: Mapping[Optional[str], str] = {
    None: "the digest of its content was still being computed",
    "blocked": "it was still waiting for one of the job's connections",
    "resolving": "the server's name was not resolved",
    "connecting": "the connection was not made",
    "handshaking": "the TLS handshake was not finished",
    "authenticating": "no token had come, or the challenge to answer",
    "sending": "the server had not taken the whole body",
    "waiting": "all was sent, but the server had not answered",
    "receiving": "the server's answer was not complete",
}
"""Phase in which time was up → explanation."""


class HttpSender(Sender):
    """Sends files by HTTP/1.1, over connections that one job keeps."""

    keys = KEYS
    options_type = HttpOptions

    def __init__(self, options: HttpOptions, clock: Clock) -> None:
        self._clock = clock
        self._options = options
        self._deadlines = Deadlines(options.timeout, clock)
        self._files = Files()
        self._judge = Judge(options, clock)
        self._session = requests.Session()
        self._session.trust_env = options.trust_env
        self._dialer = Dialer(options, clock)
        try:
            credentials = make_credentials(options, clock)
            self._client = Client(options, self._session, self._dialer, clock, credentials)
        except TransferError as error:
            raise StartError(f"trust_env: {error.detail}") from None

    def send(self, transfer: Transfer) -> Sent:
        """Send one file and return once the server has taken it, within `timeout` in any case."""
        watch = Stopwatch(self._clock.now)
        request: Optional[Request] = None
        try:
            with self._deadlines, self._files.open(transfer) as content:
                request = self._client.template.fill(transfer, content, watch)
                answer = self._client.send(request)
                self._judge.judge(request, answer)
                return Sent(answer.status, request.sent, watch.phases(), request.peer)
        except TimeUpError as error:
            raise self._late(error, request, watch) from error  # a name would make a cycle
        except TransferError as error:
            _add_progress(error, request, watch)
            raise

    def close(self) -> None:
        """End all connections within a second; transfers under way fail."""
        self._dialer.close()
        self._client.close()
        self._session.close()

    def _late(
        self, error: TimeUpError, request: Optional[Request], watch: Stopwatch
    ) -> TransferError:
        reason = _LATE[watch.phase]
        if watch.phase is None and request is not None:
            reason = "the server's answer was still being searched"
        if watch.phase == "waiting" and request is not None:
            reason = _waited_for(request, reason)
        if request is not None and watch.phase == "sending":
            if request.budget is not None and request.budget.holds:
                reason = f"limit_rate ({self._options.limit_rate} bytes a second) held it back"
            reason += f" ({request.sent} of {request.content.size} bytes)"
        limit = f"timeout ({self._options.timeout:g}s)"
        late = TransferError("timeout", f"not done within {limit}: {reason}", peer=error.peer)
        _add_progress(late, request, watch)
        return late


def _waited_for(request: Request, reason: str) -> str:
    if request.expects and not request.body_written:
        return "the server had not asked for the body (expect_continue)"
    return reason if request.delivery is None else request.delivery.waiting_for


def _add_progress(error: TransferError, request: Optional[Request], watch: Stopwatch) -> None:
    """Add phases, bytes sent so far and the connection to the error of a transfer."""
    error.phases = watch.phases()
    if request is None:
        return
    error.sent = request.sent
    error.peer = error.peer or request.peer
    if error.kind in ("timeout", "reset") and str(request.delivery or ""):
        error.detail += f"; {request.delivery}"
