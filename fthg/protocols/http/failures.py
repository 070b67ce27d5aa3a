"""Translates the errors of requests, urllib3 and http.client into those of transfers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from http.client import HTTPException, IncompleteRead, RemoteDisconnected
from ssl import SSLEOFError, SSLError, SSLZeroReturnError

import requests
from urllib3.exceptions import HTTPError

from ... import urls
from ...errors import TransferError
from .tls_failures import tls_failure

ERRORS = (requests.RequestException, HTTPException, HTTPError, OSError)
"""All that the urllib3 adapter may raise beside TransferError; `failure()` translates them."""

_CLOSED = (SSLEOFError, SSLZeroReturnError)  # which of them it is depends on Python and OpenSSL


def failure(error: BaseException) -> TransferError:
    """Return the error of a transfer for one that requests, urllib3 or http.client raised."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, TransferError):
            return cause
    for cause in causes:
        if isinstance(cause, SSLError) and not isinstance(cause, _CLOSED):
            return tls_failure(cause, _server(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return TransferError("proxy", str(causes[-1]))
    if isinstance(error, requests.TooManyRedirects):
        code = error.response.status_code if error.response is not None else None
        return TransferError("status", f"redirected without end: {error}", code=code)
    return _broken(causes)


def _broken(causes: Sequence[BaseException]) -> TransferError:
    """Return the error for a connection that was cut, or that carried no valid answer."""
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
    """Yield the error and every error beneath it, however they were wrapped."""
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
    try:
        return urls.parse(getattr(request, "url", None) or "").server
    except ValueError:
        return "the server"
