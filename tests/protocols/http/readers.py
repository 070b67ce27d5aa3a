"""One answer read by three parsers: fthg's own, the standard library's, and llhttp (httptools)."""

from __future__ import annotations

import io
import socket
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from types import MappingProxyType
from typing import Any, Callable, NamedTuple, Optional, cast

import httptools

from fthg.errors import TransferError
from fthg.protocols.http.answer import EXCERPT, Answer


class Seen(NamedTuple):
    """An answer as a parser sees it, once the server has ended the connection."""

    status: int
    body: bytes  # the beginning of it
    reuse: bool  # may the connection carry another request?


Reader = Callable[[bytes, str], Optional[Seen]]
"""An answer and the method of its request → what is seen; None: it is refused."""


def ours(data: bytes, method: str) -> Optional[Seen]:
    """Parse the answer with fthg's own parser."""
    answer = Answer(method)
    try:
        answer.feed(data)
        while answer.behind:
            answer.parse()
        reusable = answer.reusable and answer.done
        answer.end()
    except TransferError:
        return None
    return Seen(answer.status, bytes(answer.excerpt), reusable)


class _Connection:
    """The part of a socket that HTTPResponse needs."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def http_client(data: bytes, method: str) -> Optional[Seen]:
    """Parse the answer with http.client."""
    response = HTTPResponse(cast("socket.socket", _Connection(data)), method=method)
    try:
        response.begin()
        reusable = not response.will_close
        return Seen(response.status, response.read()[:EXCERPT], reusable)
    except (HTTPException, ValueError, OverflowError, ConnectionError):
        return None
    finally:
        response.close()


class _Callbacks:
    """Collects the callbacks of httptools' parser."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""
        self.began = False  # the head of the final answer is there
        self.done = False
        self.reuse = False
        self.framed = False  # the body has an end of its own

    def on_header(self, name: bytes, _: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self.framed = True

    def on_headers_complete(self) -> None:
        self.began = self.parser.get_status_code() >= 200
        self.reuse = self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = self.began


def llhttp(data: bytes, method: str) -> Optional[Seen]:
    """Parse the answer with httptools, byte by byte up to its end."""
    callbacks = _Callbacks()
    try:
        for index in range(len(data)):
            callbacks.parser.feed_data(data[index : index + 1])
            # httptools has no way to know the method.
            if callbacks.done or (callbacks.began and method == "HEAD"):
                break
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    whole = callbacks.done or (callbacks.began and (method == "HEAD" or not callbacks.framed))
    if not whole:
        return None
    return Seen(callbacks.parser.get_status_code(), callbacks.body[:EXCERPT], callbacks.reuse)


PEERS: Mapping[str, Reader] = MappingProxyType({"http.client": http_client, "llhttp": llhttp})
