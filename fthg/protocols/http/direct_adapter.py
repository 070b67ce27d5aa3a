"""Sends requests over fthg's own connections: the fast way, without proxies and redirects."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter

from ...config.secret_names import is_secret_name
from ...config.secret_texts import masked_url
from ...log import TRACE, Log
from .answer import Answer
from .connection import StaleConnectionError
from .head import Fields
from .pool import HttpPool
from .request import UploadRequest

_log = Log("fthg.http")

_BLANK = requests.Response()


class ReadResponse(requests.Response):
    """A response that was read to its end: status, reason, fields, the beginning of its body."""

    fields: Fields

    def __init__(self, answer: Answer, request: UploadRequest) -> None:
        # The fields that are the same for all are copied: to make them takes longer than to parse.
        self.__dict__ = {
            **vars(_BLANK),
            "status_code": answer.status,
            "reason": answer.reason,
            "url": request.url,
            "request": request,
            "fields": answer.fields,
            "_content": answer.excerpt,
            "_content_consumed": True,
        }


class DirectAdapter(BaseAdapter):
    """Sends requests over a pool of own connections; the response has status and excerpt only."""

    def __init__(self, pool: HttpPool) -> None:
        super().__init__()
        self._pool = pool

    def send(
        self, request: requests.PreparedRequest, *_settings: Any, **_more: Any
    ) -> requests.Response:
        """Send the request and read the answer to its end; raises TransferError."""
        if not isinstance(request, UploadRequest):
            raise TypeError("only upload requests are sent this way")
        answer = Answer(request.method or "")
        traced = _log.enabled(TRACE)
        if traced:
            _log.trace("request", uuid=request.transfer.uuid, head=masked_head(request.head))
        with self._pool.slot(request.watch):
            self._exchange(request, answer)
        request.watch.enter(None)
        if traced:
            _log.trace(
                "response",
                uuid=request.transfer.uuid,
                status=answer.status,
                head=masked_head(b"".join(b"%b: %b\r\n" % each for each in answer.fields.items())),
            )
        return ReadResponse(answer, request)

    def _exchange(self, request: UploadRequest, answer: Answer) -> None:
        while True:
            connection = self._pool.take(request.watch)
            try:
                connection.exchange(request, answer)
            except StaleConnectionError:
                self._pool.drop(connection)
                continue
            except BaseException:
                self._pool.drop(connection)
                raise
            break
        if answer.reusable and request.template.reuse:
            self._pool.keep(connection)
        else:
            self._pool.drop(connection)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def masked_head(head: bytes) -> str:
    """Return a head for the log: one line a header, without secrets."""
    lines = head.decode("utf-8", "backslashreplace").split("\r\n")
    return "\n".join(_masked_line(line) for line in lines if line)


def _masked_line(line: str) -> str:
    name, colon, _ = line.partition(":")
    return f"{name}{colon} ***" if is_secret_name(name) else masked_url(line)
