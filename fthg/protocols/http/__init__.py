"""HTTP and HTTPS: each file is the body of one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Optional
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from ...clock import Clock
from ...errors import TransferError
from ...log import Log
from ...transfer import Sent, Transfer
from ..base import Options, Sender
from ..content import Files
from ..deadlines import Deadlines, TimeUpError
from ..dial import Dialer
from ..stopwatch import Stopwatch
from . import failures, tls
from . import options as keys
from .adapter import FastAdapter
from .pool import Pool
from .request import Draft, Upload
from .stock import StockAdapter

Way = Callable[[Upload], requests.Response]
"""What an upload is sent by; raises TransferError, or one of `failures.ERRORS`."""

_log = Log("fthg.http")
_UNTIL = {
    None: "it had not begun",
    "blocked": "it was still waiting for one of the job's connections",
    "connecting": "the connection was not made",
    "handshaking": "the TLS handshake was not finished",
    "sending": "the server had not taken the whole body",
    "waiting": "all was sent, but the server had not answered",
    "receiving": "the server's answer was not complete",
}
"""What was amiss when time was up, by phase."""


class HttpSender(Sender):
    """Sends files by HTTP/1.1, over connections that one job keeps."""

    keys = keys.KEYS

    @classmethod
    def check(cls, options: Options) -> Iterable[tuple[str, str]]:
        """Yield (key, reason) for keys that are each right but do not go together."""
        return keys.faults(options)

    @classmethod
    def cautions(cls, options: Options) -> Iterable[str]:
        """Yield what is told once, as a warning: that certificates are not verified."""
        secure = urlsplit(options["url"].text).scheme == "https" or options["follow_redirects"]
        if secure and not options["verify"]:
            yield "certificates are not verified: anyone may pose as the server (verify: true)"

    def __init__(self, options: Options, clock: Clock) -> None:
        self._clock = clock
        self._timeout: float = options["timeout"]
        self._expect: frozenset[int] = options["expect"]
        self._follow: bool = options["follow_redirects"]
        self._deadlines = Deadlines(self._timeout, clock)
        self._files = Files()
        self._session = requests.Session()
        self._session.trust_env = options["trust_env"]
        self._dialer = Dialer(options["connect_timeout"], clock)
        self._draft = Draft(options, self._session)
        self._proxies = self._find_proxies(options.get("proxy"))
        self._way = self._choose_way(options)

    def send(self, transfer: Transfer) -> Sent:
        """Send one file and return once the server has taken it, within `timeout` in any case."""
        watch = Stopwatch(self._clock.now)
        upload: Optional[Upload] = None
        try:
            with self._deadlines, self._files.open(transfer) as content:
                upload = self._draft.upload(transfer, content, watch)
                response = self._exchange(upload)
                return Sent(response.status_code, content.size, watch.phases())
        except TimeUpError as error:
            raise self._late(upload, watch) from error  # a name for it would make a cycle
        except TransferError as error:
            _complete(error, upload, watch)
            raise

    def close(self) -> None:
        """End all connections within a second; transfers under way fail."""
        self._dialer.close()
        self._session.close()

    def _exchange(self, upload: Upload) -> requests.Response:
        try:
            response = self._way(upload)
        except failures.ERRORS as error:
            raise failures.failure(error) from error
        if response.status_code in self._expect:
            return response
        raise _refusal(response)

    def _late(self, upload: Optional[Upload], watch: Stopwatch) -> TransferError:
        reason = _UNTIL[watch.phase]
        if upload is not None and watch.phase == "sending":
            reason += f" ({upload.sent} of {upload.content.size} bytes)"
        late = TransferError("timeout", f"not done within timeout ({self._timeout:g}s): {reason}")
        _complete(late, upload, watch)
        return late

    def _find_proxies(self, proxy: Optional[str]) -> Mapping[str, str]:
        if proxy is not None:
            return {"http": proxy, "https": proxy}
        url = self._draft.prepared.url or ""
        found: Mapping[str, Any] = self._session.merge_environment_settings(
            url, {}, stream=True, verify=True, cert=None
        )
        return found["proxies"] or {} if self._session.trust_env else {}

    def _choose_way(self, options: Options) -> Way:
        """The way to the server: the short one for all that it can do."""
        url = urlsplit(self._draft.prepared.url or "")
        secure = url.scheme == "https"
        if self._proxies or self._follow:
            self._mount(StockAdapter(options, self._dialer, tls.make_context(options)))
            return partial(
                self._session.send,
                stream=True,
                allow_redirects=self._follow,
                proxies=dict(self._proxies),
            )
        context = tls.make_context(options) if secure else None
        server = url.hostname or "", url.port or (443 if secure else 80)
        adapter = FastAdapter(Pool(server, options, self._dialer, self._clock, context))
        self._mount(adapter)
        # What Session.send would add is for cookies, hooks and redirects: there are none.
        return adapter.send

    def _mount(self, adapter: BaseAdapter) -> None:
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)


def _refusal(response: requests.Response) -> TransferError:
    """An unexpected status as a failure, with the beginning of what the server says of it."""
    kind = "proxy" if response.status_code == 407 else "status"
    said = " ".join(response.content.decode("utf-8", "replace").split())
    line = f"{response.status_code} {response.reason or ''}".strip()
    return TransferError(kind, f"{line}: {said}" if said else line, code=response.status_code)


def _complete(error: TransferError, upload: Optional[Upload], watch: Stopwatch) -> None:
    """Add how far the transfer came."""
    error.phases = watch.phases()
    error.sent = upload.sent if upload is not None else 0
