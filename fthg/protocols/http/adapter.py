"""Beneath requests: the short way to the socket, for all that it can do."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter

from ...config.secret_names import is_secret_name
from ...config.secret_texts import masked_url
from ...log import TRACE, Log
from .answer import Answer
from .connection import UntouchedError
from .pool import Pool
from .request import Upload

_log = Log("fthg.http")


_BLANK = requests.Response()


class Reply(requests.Response):
    """A response that was read to its end: status, reason, and the beginning of its body."""

    def __init__(self, answer: Answer, upload: Upload) -> None:
        # What is the same for all is not made anew: that takes longer than to parse an answer.
        self.__dict__ = {
            **vars(_BLANK),
            "status_code": answer.status,
            "reason": answer.reason,
            "url": upload.url,
            "request": upload,
            "_content": answer.excerpt,
            "_content_consumed": True,
        }


class FastAdapter(BaseAdapter):
    """Sends Uploads over a pool of own connections; the response has status and excerpt only."""

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool

    def send(
        self, request: requests.PreparedRequest, *_settings: Any, **_more: Any
    ) -> requests.Response:
        """Send the upload and read the answer to its end; raises TransferError."""
        if not isinstance(request, Upload):
            raise TypeError("only uploads are sent this way")
        answer = Answer(request.method or "")
        traced = _log.enabled(TRACE)
        if traced:
            _log.trace("request", uuid=request.transfer.uuid, head=masked(request.head))
        with self._pool.slot(request.watch):
            self._exchange(request, answer)
        request.watch.enter(None)
        if traced:
            _log.trace(
                "response",
                uuid=request.transfer.uuid,
                status=answer.status,
                head=masked(b"".join(b"%b: %b\r\n" % field for field in answer.fields.items())),
            )
        return Reply(answer, request)

    def _exchange(self, upload: Upload, answer: Answer) -> None:
        while True:
            connection = self._pool.take(upload.watch)
            try:
                connection.exchange(upload, answer)
            except UntouchedError:
                self._pool.drop(connection)
                continue
            except BaseException:
                self._pool.drop(connection)
                raise
            break
        if answer.reusable and upload.draft.reuse:
            self._pool.keep(connection)
        else:
            self._pool.drop(connection)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def masked(head: bytes) -> str:
    """A head for the log: one line a header, without secrets."""
    lines = head.decode("utf-8", "backslashreplace").split("\r\n")
    return "\n".join(_masked_line(line) for line in lines if line)


def _masked_line(line: str) -> str:
    name, colon, _ = line.partition(":")
    return f"{name}{colon} ***" if is_secret_name(name) else masked_url(line)


def consumed(response: requests.Response, excerpt: bytes) -> None:
    """Mark a response as read to its end; its content is what was kept of it."""
    response.__dict__.update(_content=excerpt, _content_consumed=True)
