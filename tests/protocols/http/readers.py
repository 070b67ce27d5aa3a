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
    """What a parser takes an answer for, once the server has ended the connection."""

    status: int
    body: bytes  # its begin
    kept: bool  # may the connection carry another request?


Reader = Callable[[bytes, str], Optional[Seen]]
"""An answer and the method of its request → what is seen, None where it is refused."""


def ours(data: bytes, method: str) -> Optional[Seen]:
    """As fthg reads it."""
    answer = Answer(method)
    try:
        answer.feed(data)
        kept = answer.reusable and answer.done
        answer.end()
    except TransferError:
        return None
    return Seen(answer.status, answer.excerpt, kept)


class _Connection:
    """As much of a socket as HTTPResponse asks for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self._data)


def http_client(data: bytes, method: str) -> Optional[Seen]:
    """As http.client reads it."""
    response = HTTPResponse(cast("socket.socket", _Connection(data)), method=method)
    try:
        response.begin()
        kept = not response.will_close
        return Seen(response.status, response.read()[:EXCERPT], kept)
    except (HTTPException, ValueError, OverflowError, ConnectionError):
        return None
    finally:
        response.close()


class _Heard:
    """What the parser calls back with."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.body = b""
        self.began = False  # the head of the final answer is there
        self.done = False
        self.kept = False
        self.framed = False  # the body has an end of its own

    def on_header(self, name: bytes, _: bytes) -> None:
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self.framed = True

    def on_headers_complete(self) -> None:
        self.began = self.parser.get_status_code() >= 200
        self.kept = self.parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = self.began


def llhttp(data: bytes, method: str) -> Optional[Seen]:
    """As httptools reads it, byte by byte up to the end of the answer."""
    heard = _Heard()
    try:
        for index in range(len(data)):
            heard.parser.feed_data(data[index : index + 1])
            if heard.done or (heard.began and method == "HEAD"):  # which it cannot be told
                break
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return None
    whole = heard.done or (heard.began and (method == "HEAD" or not heard.framed))
    return Seen(heard.parser.get_status_code(), heard.body[:EXCERPT], heard.kept) if whole else None


PEERS: Mapping[str, Reader] = MappingProxyType({"http.client": http_client, "llhttp": llhttp})
