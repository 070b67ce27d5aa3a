"""Requests of HTTP/1, as far as an endpoint for Prometheus needs them, and its answers (pure)."""

from __future__ import annotations

from typing import NamedTuple, Optional

from .text import CONTENT_TYPE

PATH = "/metrics"
MOST = 8192
"""Bytes of a request; no scraper sends as many."""

_REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}


class Request(NamedTuple):
    """The method of a request, and the status of its answer."""

    method: str
    status: int


def is_whole(data: bytes) -> bool:
    """Return True if the head of a request has ended, or is too long to be one."""
    return b"\r\n\r\n" in data or b"\n\n" in data or len(data) > MOST


def read_request(data: bytes) -> Request:
    """Judge the head of a request."""
    words = data.partition(b"\n")[0].decode("latin-1").split()
    if len(data) > MOST or len(words) != 3 or not words[2].startswith("HTTP/1."):
        return Request("", 400)
    method, target, _ = words
    if target.partition("?")[0] != PATH:
        return Request(method, 404)
    return Request(method, 200 if method in {"GET", "HEAD"} else 405)


def answer_head(status: int, body: Optional[bytes] = None) -> bytes:
    """Return status line and headers of an answer with this body, or with a line for people."""
    kind = CONTENT_TYPE if status == 200 else "text/plain; charset=utf-8"
    length = len(answer_text(status) if body is None else body)
    allow = "Allow: GET, HEAD\r\n" if status == 405 else ""
    return (
        f"HTTP/1.1 {status} {_REASONS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n{allow}Connection: close\r\n\r\n"
    ).encode("ascii")


def answer_text(status: int) -> bytes:
    """Return the body of an answer other than the figures."""
    return f"{_REASONS[status]}; the metrics of this run are at {PATH}\n".encode("ascii")
