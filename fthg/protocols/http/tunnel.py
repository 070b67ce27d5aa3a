"""Asks a proxy for a tunnel to a server: CONNECT (RFC 9110, section 9.3.6)."""

from __future__ import annotations

from ...clock import Clock
from ...errors import TransferError
from ...urls import Url
from ..deadlines import TimeLimit
from ..turns import Turns
from .answer import EXCERPT, Answer
from .request import host_header
from .route import Proxy
from .tls_stream import Stream
from .verdict import answer_text

_RECEIVED = 64 * 1024  # bytes taken from the socket at once


def open_tunnel(stream: Stream, proxy: Proxy, server: Url, clock: Clock) -> None:
    """Return once the proxy has connected the stream to the server.

    Raises TransferError: proxy with its status and words if it refuses, protocol; and OSError.
    """
    stream.sendall(_connect_head(proxy, server))
    answer = Answer("CONNECT")
    try:
        _read_answer(stream, answer, clock)
    except (TimeLimit, OSError):  # what it has said until then counts
        if not answer.status:
            raise
    except TransferError as error:
        if not answer.status or error.kind != "reset":
            kind = "proxy" if error.kind == "reset" else error.kind
            detail = f"{proxy.server.server} (proxy): {error.detail}"
            raise TransferError(kind, detail, code=error.code) from error
    if answer.status >= 300:
        reason = f"{proxy.server.server} refused to connect: {answer_text(answer)}"
        raise TransferError("proxy", reason, code=answer.status)
    if answer.surplus:
        reason = f"{proxy.server.server} (proxy): more than an answer to CONNECT came"
        raise TransferError("protocol", reason, code=answer.status)


def _connect_head(proxy: Proxy, server: Url) -> bytes:
    host = host_header(server)
    authority = host if server.port != 443 else f"{host}:443"
    lines = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{proxy.authorization}\r\n"
    return lines.encode("utf-8", "surrogateescape")


def _read_answer(stream: Stream, answer: Answer, clock: Clock) -> None:
    """Read until the answer is done, or the rest of a refusal makes no difference."""
    turns = Turns(clock)
    while not answer.done and len(answer.excerpt) < EXCERPT:
        if answer.behind:
            answer.parse()
        elif data := stream.recv(_RECEIVED):
            answer.feed(data)
        else:
            answer.end()
        turns.give()
