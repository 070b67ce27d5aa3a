"""Asks a proxy for a tunnel to a server: CONNECT (RFC 9110, section 9.3.6); SFTP does so, too."""

from __future__ import annotations

from ...clock import Clock
from ...errors import TransferError
from ..deadlines import TimeLimit
from ..endpoint import Endpoint
from ..proxy import Proxy, ascii_name
from ..turns import Turns
from .answer import EXCERPT, Answer
from .sending import RECEIVED
from .tls.stream import Stream
from .verdict import answer_text


def open_tunnel(stream: Stream, proxy: Proxy, target: Endpoint, clock: Clock) -> bytes:
    """Wait until the proxy has connected the stream; return what the target has sent already.

    Raises TransferError (proxy), with the proxy's status and words if it refuses.
    """
    answer = Answer("CONNECT")
    try:
        stream.sendall(_connect_head(proxy, target))
        _read_answer(stream, answer, clock)
    except TimeLimit:  # what it has said until then counts
        if not answer.status:
            raise
    except OSError as error:
        if not answer.status:
            raise proxy.fault(error.strerror or str(error)) from error
    except TransferError as error:
        if not answer.status or error.kind != "reset":
            reason = error.detail.replace("the server", "it", 1)
            raise proxy.fault(reason, error.code) from error
    if answer.status >= 300:
        reason = f"it does not connect to {target}: {answer_text(answer)}"
        raise proxy.fault(reason, answer.status)
    return bytes(answer.surplus)


def _connect_head(proxy: Proxy, target: Endpoint) -> bytes:
    authority = Endpoint(ascii_name(target.host), target.port)
    lines = f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{proxy.authorization}\r\n"
    return lines.encode("utf-8", "surrogateescape")


def _read_answer(stream: Stream, answer: Answer, clock: Clock) -> None:
    """Read until the answer is done, or the rest of a refusal makes no difference."""
    turns = Turns(clock)
    while not answer.done and len(answer.excerpt) < EXCERPT:
        if answer.behind:
            answer.parse()
        elif data := stream.recv(RECEIVED):
            answer.feed(data)
        else:
            answer.end()
        turns.give()
