"""HTTP/1.1 answers, read from bytes as they come; no network in here (RFC 9112)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Optional

from ...errors import TransferError
from .head import BEGINNING, FIELD_LINES, HEAD_LIMIT, Fields, Head, not_http, parse_head, shown

INTERIM_LIMIT = 16
"""How many 1xx answers may come before the final one."""

EXCERPT = 200
"""Bytes of the body that are kept for people."""

_SIZE_LINE_LIMIT = 1024  # a chunk's size with its extensions
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_SHORT = 2048  # bytes of an answer up to which it is remembered
_TRAILERS = re.compile(FIELD_LINES)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00\r\n]*)?\r\n")
_BODILESS = (204, 304)

_Step = Callable[["Answer", bytes], Optional[bytes]]
"""Takes the next bytes, and returns those it does not need; None if it needs more."""


class Answer:
    """The answer to one request: bytes go in by `feed()`, its framing decides when it is `done`.

    Bodies are counted and thrown away. Raises TransferError: protocol, or reset from `end()`.
    """

    status = 0  # 0: no final status yet
    reason = ""
    fields: Fields = MappingProxyType({})
    heard = False  # True once a byte has come
    done = False
    reusable = False  # may the connection carry another request?
    excerpt = b""  # of the body
    length = 0  # of the body so far
    _buffer = b""
    _interim = 0
    _left: Optional[int] = 0  # of the body or chunk; None: until the connection ends

    def __init__(self, method: str) -> None:
        self._method = method
        self._step: _Step = Answer._head  # not of self: that would be a cycle for each transfer

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the connection, however they are cut."""
        if not self.heard and len(data) <= _SHORT:
            known = _whole(self._method, data)
            if known:
                self.__dict__.update(known)
                return
        self._feed(data)

    def _feed(self, data: bytes) -> None:
        self.heard = True
        data = self._buffer + data if self._buffer else data
        self._buffer = b""
        while data and not self.done:
            rest = self._step(self, data)
            if rest is None:  # more is needed
                self._buffer = data
                return
            data = rest
        if data:
            # Nothing was asked for beyond this answer: whatever it is, trust ends here.
            self.reusable = False

    def end(self) -> None:
        """The server ended the connection."""
        if self.done:
            self.reusable = False
        elif self._left is None:
            self.done = True
        elif not self.heard:
            raise TransferError("reset", "the server closed the connection without an answer")
        else:
            what = f"after {self.length} bytes of its body" if self.status else "in its head"
            raise TransferError(
                "reset", f"the server cut its answer short, {what}", code=self.status or None
            )

    def _head(self, data: bytes) -> Optional[bytes]:
        end = _BLANK_LINE.search(data)
        if end is None:
            if not data.startswith(BEGINNING[: len(data)]):
                raise not_http(data)
            _bound(data, HEAD_LIMIT, "the answer's headers do not end")
            return None
        head = data[: end.end()]
        _bound(head, HEAD_LIMIT, "the answer's headers do not end")
        self._begin(parse_head(head))
        return data[end.end() :]

    def _begin(self, head: Head) -> None:
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
            raise self._wrong("its Transfer-Encoding contradicts its Content-Length or version")
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
        return self._take(data, done=True)

    def _take(self, data: bytes, done: bool) -> bytes:
        """Count what belongs to the body or chunk, and return the rest."""
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
                raise self._wrong(f"{shown(data)} is not the size of a chunk")
            _bound(data, _SIZE_LINE_LIMIT, "the line with a chunk's size does not end")
            return None
        _bound(match.group(), _SIZE_LINE_LIMIT, "the line with a chunk's size does not end")
        self._left = int(match.group(1), 16)
        self._step = Answer._chunk if self._left else Answer._trailers
        return data[match.end() :]

    def _chunk(self, data: bytes) -> bytes:
        rest = self._take(data, done=False)
        if not self._left:
            self._step = Answer._chunk_end
        return rest

    def _chunk_end(self, data: bytes) -> Optional[bytes]:
        # Where a bare line feed would do, a chunk could be one byte longer than it says.
        if data.startswith(b"\r\n"):
            self._step = Answer._chunk_size
            return data[2:]
        if data == b"\r":
            return None
        raise self._wrong(f"a chunk runs on beyond its size, with {shown(data)}")

    def _trailers(self, data: bytes) -> Optional[bytes]:
        for end in (b"\n", b"\r\n"):
            if data.startswith(end):
                self.done = True
                return data[len(end) :]
        blank = _BLANK_LINE.search(data)
        if blank is None:
            _bound(data, HEAD_LIMIT, "the answer's trailers do not end")
            return None
        trailers = data[: blank.end()]
        _bound(trailers, HEAD_LIMIT, "the answer's trailers do not end")
        match = _TRAILERS.match(trailers)
        if match is None or trailers[match.end() :] not in (b"\r\n", b"\n"):
            raise self._wrong("its trailers are malformed")
        self.done = True
        return data[blank.end() :]

    def _wrong(self, reason: str) -> TransferError:
        return TransferError(
            "protocol", f"the answer is not valid HTTP: {reason}", code=self.status or None
        )


@lru_cache(maxsize=64)  # within one second a server says the same again and again
def _whole(method: str, data: bytes) -> Optional[Mapping[str, Any]]:
    """What an answer that comes in one piece says; None if this is not all of one."""
    answer = Answer(method)
    answer._feed(data)
    if not answer.done:
        return None
    return vars(answer)


def _bound(data: bytes, limit: int, what: str) -> None:
    if len(data) > limit:
        raise TransferError("protocol", f"{what}: gave up after {limit} bytes")
