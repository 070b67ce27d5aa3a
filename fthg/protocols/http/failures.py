"""What the errors of requests, urllib3 and http.client mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from ssl import SSLEOFError, SSLError, SSLZeroReturnError
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from ...errors import TransferError
from . import tls

ERRORS = (requests.RequestException, HTTPException, HTTPError, OSError)
"""All that may be raised on the long way beside TransferError: `failure()` tells what it means."""

_CLOSED = (SSLEOFError, SSLZeroReturnError)  # which of them it is depends on Python and OpenSSL


def failure(error: BaseException) -> TransferError:
    """The kind and detail of whatever requests, urllib3 or http.client raised."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, TransferError):
            return cause
    for cause in causes:
        if isinstance(cause, SSLError) and not isinstance(cause, _CLOSED):
            return tls.failure(cause, _server(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return TransferError("proxy", str(causes[-1]))
    if isinstance(error, requests.TooManyRedirects):
        code = error.response.status_code if error.response is not None else None
        return TransferError("status", f"redirected without end: {error}", code=code)
    return _broken(causes)


def _broken(causes: Sequence[BaseException]) -> TransferError:
    """The connection was cut, or what came over it was no answer."""
    for cause in causes:
        if isinstance(cause, (RemoteDisconnected, IncompleteRead, ConnectionError, *_CLOSED)):
            return TransferError("reset", f"the server closed the connection: {cause}")
        if isinstance(cause, HTTPException):
            name = type(cause).__name__
            return TransferError(
                "protocol", f"the answer is not valid HTTP: {name} {cause}".strip()
            )
    last = causes[-1]
    network = isinstance(last, OSError) and not isinstance(last, requests.RequestException)
    return TransferError("reset" if network else "protocol", str(last) or type(last).__name__)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and all that lies beneath it, however it was wrapped."""
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        beneath = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting.extend(found for found in beneath if isinstance(found, BaseException))


def _server(error: BaseException) -> str:
    request = getattr(error, "request", None)
    parts = urlsplit(getattr(request, "url", None) or "")
    return f"{parts.hostname} port {parts.port or (443 if parts.scheme == 'https' else 80)}"
