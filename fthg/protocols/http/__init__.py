"""Sends files by HTTP and HTTPS: each file is the body of one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Optional

import requests
from requests.adapters import BaseAdapter

from ...clock import Clock
from ...errors import TransferError
from ...transfer import Sent, Transfer
from ..base import Sender
from ..content import Files
from ..deadlines import Deadlines, TimeUpError
from ..dial import Dialer
from ..stopwatch import Stopwatch
from .answer import EXCERPT
from .details import status_detail
from .direct_adapter import DirectAdapter, ReadResponse
from .failures import ERRORS, failure
from .head import Fields
from .options import KEYS, HttpOptions
from .pool import HttpPool
from .request import RequestTemplate, UploadRequest
from .tls import make_context
from .urllib3_adapter import Urllib3Adapter

Transport = Callable[[UploadRequest], requests.Response]
"""Sends a request and reads its answer; raises TransferError, or one of `failures.ERRORS`."""

_LATE: Mapping[Optional[str], str] = {
    None: "it had not begun",
    "blocked": "it was still waiting for one of the job's connections",
    "resolving": "the server's name was not resolved",
    "connecting": "the connection was not made",
    "handshaking": "the TLS handshake was not finished",
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
        self._session = requests.Session()
        self._session.trust_env = options.trust_env
        self._dialer = Dialer(options, clock)
        self._template = RequestTemplate(options, self._session)
        self._transport = self._choose_transport(self._find_proxies())

    def send(self, transfer: Transfer) -> Sent:
        """Send one file and return once the server has taken it, within `timeout` in any case."""
        watch = Stopwatch(self._clock.now)
        request: Optional[UploadRequest] = None
        try:
            with self._deadlines, self._files.open(transfer) as content:
                request = self._template.fill(transfer, content, watch)
                response = self._exchange(request)
                return Sent(response.status_code, content.size, watch.phases(), request.peer)
        except TimeUpError as error:
            raise self._late(request, watch) from error  # a name for it would make a cycle
        except TransferError as error:
            _add_progress(error, request, watch)
            raise

    def close(self) -> None:
        """End all connections within a second; transfers under way fail."""
        self._dialer.close()
        self._session.close()

    def _exchange(self, request: UploadRequest) -> requests.Response:
        try:
            response = self._transport(request)
        except ERRORS as error:
            raise failure(error) from error
        if response.status_code in self._options.expect:
            return response
        raise _unexpected_status(response)

    def _late(self, request: Optional[UploadRequest], watch: Stopwatch) -> TransferError:
        reason = _LATE[watch.phase]
        if watch.phase == "waiting" and request is not None and request.delivery is not None:
            reason = request.delivery.waiting_for
        if request is not None and watch.phase == "sending":
            reason += f" ({request.sent} of {request.content.size} bytes)"
        limit = f"timeout ({self._options.timeout:g}s)"
        late = TransferError("timeout", f"not done within {limit}: {reason}")
        _add_progress(late, request, watch)
        return late

    def _find_proxies(self) -> Mapping[str, str]:
        if self._options.proxy is not None:
            return {"http": self._options.proxy, "https": self._options.proxy}
        if not self._session.trust_env:
            return {}
        found: Mapping[str, Any] = self._session.merge_environment_settings(
            self._template.prepared.url or "", {}, stream=True, verify=True, cert=None
        )
        return found["proxies"] or {}

    def _choose_transport(self, proxies: Mapping[str, str]) -> Transport:
        """Return the direct transport, unless proxies or redirects need urllib3."""
        options, server = self._options, self._template.server
        if proxies or options.follow_redirects:
            self._mount(Urllib3Adapter(options, self._dialer, self._clock, make_context(options)))
            return partial(
                self._session.send,
                stream=True,
                allow_redirects=options.follow_redirects,
                proxies=dict(proxies),
            )
        context = make_context(options) if server.scheme == "https" else None
        adapter = DirectAdapter(HttpPool(server, options, self._dialer, self._clock, context))
        self._mount(adapter)
        # Session.send would add cookies, hooks and redirects only: there are none.
        return adapter.send

    def _mount(self, adapter: BaseAdapter) -> None:
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)


def _unexpected_status(response: requests.Response) -> TransferError:
    """Return the error for an unexpected status, with the beginning of the server's answer."""
    status, body = response.status_code, response.content
    kind = "proxy" if status == 407 else "status"
    whole = len(body) < EXCERPT
    detail = status_detail(status, response.reason or "", _fields(response), body, whole=whole)
    return TransferError(kind, detail, code=status)


def _fields(response: requests.Response) -> Fields:
    if isinstance(response, ReadResponse):
        return response.fields
    return {
        name.lower().encode("latin-1", "replace"): value.encode("latin-1", "replace")
        for name, value in response.headers.items()
    }


def _add_progress(error: TransferError, request: Optional[UploadRequest], watch: Stopwatch) -> None:
    """Add phases, bytes sent so far and the connection to the error of a transfer."""
    error.phases = watch.phases()
    if request is None:
        return
    error.sent = request.sent
    error.peer = error.peer or request.peer
    if error.kind in ("timeout", "reset") and str(request.delivery or ""):
        error.detail += f"; {request.delivery}"
