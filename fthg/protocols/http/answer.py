"""Parses HTTP/1.1 answers from bytes as they arrive; no network in here (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Optional

from ...errors import TransferError
from .head import BEGINNING, FIELD_LINES, HEAD_LIMIT, Fields, Head, excerpt, not_http, parse_head

INTERIM_LIMIT = 16
"""The most 1xx answers that may come before the final one."""

EXCERPT = 4096
"""Bytes of the body that are kept for error messages: pages of HTML say little in the first 200."""

_SIZE_LINE_LIMIT = 1024  # a chunk's size with its extensions
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_SHORT = 2048  # bytes of an answer up to which it is remembered
_TRAILERS = re.compile(FIELD_LINES)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00\r\n]*)?\r\n")
_BODILESS = (204, 304)

_Step = Callable[["Answer", bytes], Optional[bytes]]
"""Takes the next bytes and returns the rest; None if it needs more to go on."""


class Answer:
    """The parser of the answer to one request; its framing decides when it is `done`.

    Bodies are counted and thrown away. Raises TransferError: protocol, or reset from `end()`.
    """

    status = 0  # 0: no final status yet
    reason = ""
    fields: Fields = MappingProxyType({})
    started = False  # True once a byte has come
    done = False
    reusable = False  # may the connection carry another request?
    excerpt = b""  # of the body
    length = 0  # of the body so far
    _buffer = b""
    _interim = 0
    _left: Optional[int] = 0  # of the body or chunk; None: until the connection ends

    def __init__(self, method: str) -> None:
        self._method = method
        # Not bound to self: that would be a cycle for each transfer.
        self._step: _Step = Answer._head

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection, however they are split."""
        if not self.started and len(data) <= _SHORT:
            known = _parse_whole(self._method, data)
            if known:
                self.__dict__.update(known)
                return
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        self.started = True
        data = self._buffer + data if self._buffer else data
        self._buffer = b""
        while data and not self.done:
            rest = self._step(self, data)
            if rest is None:  # more is needed
                self._buffer = data
                return
            data = rest
        if data:
            # Nothing was asked for beyond this answer: the next one could not be trusted.
            self.reusable = False

    def end(self) -> None:
        """Take note that the server ended the connection."""
        if self.done:
            self.reusable = False
        elif self._left is None:
            self.done = True
        elif not self.started:
            raise TransferError("reset", "the server closed the connection without an answer")
        else:
            place = f"after {self.length} bytes of its body" if self.status else "in its head"
            raise TransferError(
                "reset", f"the server cut its answer short, {place}", code=self.status or None
            )

    def _head(self, data: bytes) -> Optional[bytes]:
        end = _BLANK_LINE.search(data)
        if end is None:
            if not data.startswith(BEGINNING[: len(data)]):
                raise not_http(data)
            _limit(data, HEAD_LIMIT, "the answer's headers do not end")
            return None
        head = data[: end.end()]
        _limit(head, HEAD_LIMIT, "the answer's headers do not end")
        self._on_head(parse_head(head))
        return data[end.end() :]

    def _on_head(self, head: Head) -> None:
        if head.status < 200:
            self._skip_interim(head.status)
            return
        self.status, self.reason, self.fields = head.status, head.reason, head.fields
        self.reusable = head.reusable
        self._frame(head)

    def _skip_interim(self, status: int) -> None:
        self._interim += 1
        if status == 101:
            raise TransferError("protocol", "the server switched protocols without being asked")
        if self._interim > INTERIM_LIMIT:
            raise TransferError("protocol", f"more than {INTERIM_LIMIT} answers of 1xx came first")

    def _frame(self, head: Head) -> None:
        """Find out where the body ends (RFC 9112, section 6.3)."""
        codings, length = head.codings, head.length
        if codings and (length is not None or not head.modern):
            raise self._malformed("its Transfer-Encoding contradicts its Content-Length or version")
        if self._method == "HEAD" or self.status in _BODILESS:
            self.done = True
        elif codings:
            if codings[-1] == b"chunked":
                self._step = Answer._chunk_size
            else:
                self._until_end()
        elif length is None:
            self._until_end()
        else:
            self._left, self._step, self.done = length, Answer._body, not length

    def _until_end(self) -> None:
        self._left, self._step, self.reusable = None, Answer._body, False

    def _body(self, data: bytes) -> bytes:
        return self._count(data, done=True)

    def _count(self, data: bytes, done: bool) -> bytes:
        """Count the bytes of the body or chunk, and return the rest."""
        size = len(data) if self._left is None else min(len(data), self._left)
        if len(self.excerpt) < EXCERPT:
            self.excerpt += data[: min(size, EXCERPT - len(self.excerpt))]
        self.length += size
        if self._left is not None:
            self._left -= size
            if not self._left:
                self.done = done
        return data[size:]

    def _chunk_size(self, data: bytes) -> Optional[bytes]:
        match = _CHUNK_SIZE.match(data)
        if match is None:
            if b"\n" in data:
                raise self._malformed(f"{excerpt(data)} is not the size of a chunk")
            _limit(data, _SIZE_LINE_LIMIT, "the line with a chunk's size does not end")
            return None
        _limit(match.group(), _SIZE_LINE_LIMIT, "the line with a chunk's size does not end")
        self._left = int(match.group(1), 16)
        self._step = Answer._chunk if self._left else Answer._trailers
        return data[match.end() :]

    def _chunk(self, data: bytes) -> bytes:
        rest = self._count(data, done=False)
        if not self._left:
            self._step = Answer._chunk_end
        return rest

    def _chunk_end(self, data: bytes) -> Optional[bytes]:
        # If a bare line feed were accepted, a chunk could be one byte longer than its size.
        if data.startswith(b"\r\n"):
            self._step = Answer._chunk_size
            return data[2:]
        if data == b"\r":
            return None
        raise self._malformed(f"a chunk runs on beyond its size, with {excerpt(data)}")

    def _trailers(self, data: bytes) -> Optional[bytes]:
        for end in (b"\n", b"\r\n"):
            if data.startswith(end):
                self.done = True
                return data[len(end) :]
        blank = _BLANK_LINE.search(data)
        if blank is None:
            _limit(data, HEAD_LIMIT, "the answer's trailers do not end")
            return None
        trailers = data[: blank.end()]
        _limit(trailers, HEAD_LIMIT, "the answer's trailers do not end")
        match = _TRAILERS.match(trailers)
        if match is None or trailers[match.end() :] not in (b"\r\n", b"\n"):
            raise self._malformed("its trailers are malformed")
        self.done = True
        return data[blank.end() :]

    def _malformed(self, reason: str) -> TransferError:
        return TransferError(
            "protocol", f"the answer is not valid HTTP: {reason}", code=self.status or None
        )


@lru_cache(maxsize=64)  # a server sends the same answer many times within a second
def _parse_whole(method: str, data: bytes) -> Optional[Mapping[str, Any]]:
    """Return the state of a parser that was fed a whole answer; None if this is not one."""
    answer = Answer(method)
    answer._feed(data)
    if not answer.done:
        return None
    return vars(answer)


def _limit(data: bytes, limit: int, reason: str) -> None:
    if len(data) > limit:
        raise TransferError("protocol", f"{reason}: gave up after {limit} bytes")
