"""Parses HTTP/1.1 answers from bytes as they arrive; it touches no network (RFC 9112)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from ...errors import TransferError
from .chunks import check_limit, check_trailers, malformed, read_size, skip_end
from .head import BEGINNING, HEAD_LIMIT, Bytes, Fields, Head, not_http

INTERIM_LIMIT = 100
"""The most 1xx answers that may come before the final one: `102 Processing` may come for long."""

INTERIM_BYTES = 1024 * 1024
"""The most bytes that they may have together."""

STEPS = 500
"""Heads, chunks and the like that are parsed at a time: some 1 ms if a chunk is a byte long."""

EXCERPT = 4096
"""Bytes of the body that are kept for error messages: pages of HTML say little in the first 200."""

SEARCHED = 64 * 1024
"""Bytes of the body that are kept, and decompressed, to be searched."""

_LONGEST_BLANK = 4  # bytes
_BODILESS = (204, 304)

_Step = Callable[["Answer", Bytes, int], Optional[int]]
"""Takes the bytes from a place on and returns the place after them; None if it needs more."""


class Answer:
    """The parser of the answer to one request; its framing decides when it is `done`.

    Bodies are counted and thrown away. Raises TransferError: protocol, or reset from `end()`.
    """

    __slots__ = (
        "_buffer",
        "_interim",
        "_interim_bytes",
        "_kept",  # bytes of the body that the excerpt may have
        "_left",  # bytes of the body or chunk; None: until the connection ends
        "_method",
        "_searched",  # bytes of the buffer that hold no blank line
        "_step",
        "behind",  # True if bytes are waiting to be parsed
        "continued",  # True once the server has asked for the body, by `100 Continue`
        "done",
        "excerpt",  # of the body
        "head",
        "length",  # of the body so far
        "reusable",  # may the connection carry another request?
        "started",  # True once a byte has come
        "status",  # 0: no final status yet
        "surplus",  # what came beyond this answer
    )

    def __init__(self, method: str, kept: int = EXCERPT) -> None:
        self.head: Optional[Head] = None  # the final one
        self.status = 0
        self.started = self.done = self.reusable = self.behind = False
        self.continued = False
        self.surplus: Bytes = b""
        self.excerpt: Bytes = b""
        self.length = 0
        self._kept = kept
        self._buffer: Bytes = b""
        self._searched = 0
        self._interim = self._interim_bytes = 0
        self._left: Optional[int] = 0
        self._method = method
        # Not bound to self: that would be a reference cycle in each transfer.
        self._step: _Step = Answer._head

    @property
    def reason(self) -> str:
        """The words behind the status."""
        return self.head.reason if self.head else ""

    @property
    def fields(self) -> Fields:
        """The headers; parsed at each call."""
        return self.head.fields if self.head else {}

    @property
    def begun(self) -> bool:
        """True once a byte has come that may be of the final answer: interim ones are none."""
        return bool(self.status or self._buffer)

    def feed(self, data: Bytes) -> None:
        """Parse the next bytes of the connection, however they are split.

        At most STEPS are parsed at a time: if that leaves the answer `behind`, `parse` the others
        before more comes.
        """
        self.started = True
        if self._buffer:
            self._buffer += data  # a bytearray: in linear time, however small the pieces are
            data = self._buffer
        at, steps = 0, STEPS
        self.behind = False
        while at < len(data) and not self.done:
            if not steps:
                self.behind = True
                break
            after = self._step(self, data, at)
            if after is None:  # more is needed
                break
            at = after
            steps -= 1
        if self._buffer or at < len(data):
            self._keep(data, at)

    def parse(self) -> None:
        """Parse more of the bytes that were fed; at most STEPS."""
        self.feed(b"")

    def _keep(self, data: Bytes, at: int) -> None:
        """Keep the bytes that were not parsed yet, from a position on."""
        if self.done:
            self._buffer = b""
            if at < len(data):
                # Nothing was asked for beyond this answer: the next one could not be trusted.
                self.surplus, self.reusable = data[at:], False
        elif isinstance(data, bytearray):
            del data[:at]
        else:
            self._buffer = bytearray(data[at:]) if at < len(data) else b""

    def end(self) -> None:
        """Record that the server ended the connection."""
        if self.done:
            self.reusable = False
        elif self._left is None:
            self.done = True
        elif not self.begun:
            raise TransferError("reset", "the server closed the connection without an answer")
        else:
            place = f"after {self.length} bytes of its body" if self.status else "in its head"
            raise TransferError(
                "reset", f"the server cut its answer short, {place}", code=self.status or None
            )

    def _head(self, data: Bytes, at: int) -> Optional[int]:
        end = self._find_blank(data, at, "the answer's headers do not end")
        if end is None:
            if not data.startswith(BEGINNING[: len(data) - at], at):
                raise not_http(bytes(data[at : at + HEAD_LIMIT]))
            return None
        head = Head(data, at, end)
        if head.status < 200:
            self._skip_interim(head.status, end - at)
        else:
            self._on_head(head)
        return end

    def _find_blank(self, data: Bytes, at: int, reason: str) -> Optional[int]:
        """Return the place after the next blank line; no byte is looked at twice."""
        begin = max(at, at + self._searched - _LONGEST_BLANK)
        usual = data.find(b"\n\r\n", begin)
        bare = data.find(b"\n\n", begin, len(data) if usual < 0 else usual + 1)
        blank = bare + len(b"\n\n") if bare >= 0 else usual + len(b"\n\r\n")
        found = bare >= 0 or usual >= 0
        size = (blank if found else len(data)) - at
        check_limit(size, HEAD_LIMIT, reason)
        self._searched = 0 if found else size
        return blank if found else None

    def _on_head(self, head: Head) -> None:
        """Find out where the body ends (RFC 9112, section 6.3)."""
        self.head, self.status, self.reusable = head, head.status, head.reusable
        length = head.length
        if head.codings and (length is not None or not head.modern):
            reason = "its Transfer-Encoding contradicts its Content-Length or version"
            raise malformed(reason, self.status)
        if self._bodiless():
            self.done = True
        elif length is not None:
            self._left, self._step, self.done = length, Answer._body, not length
        elif head.codings and head.codings[-1] == b"chunked":
            self._step = Answer._chunk_size
        else:  # it ends with the connection
            self._left, self._step, self.reusable = None, Answer._body, False

    def _bodiless(self) -> bool:
        tunnel = self._method == "CONNECT" and self.status < 300
        return tunnel or self._method == "HEAD" or self.status in _BODILESS

    def _skip_interim(self, status: int, size: int) -> None:
        self._interim += 1
        self._interim_bytes += size
        if status == 100:
            self.continued = True
        if status == 101:
            raise TransferError("protocol", "the server switched protocols without being asked")
        if self._interim > INTERIM_LIMIT:
            raise TransferError("protocol", f"more than {INTERIM_LIMIT} answers of 1xx came first")
        check_limit(
            self._interim_bytes, INTERIM_BYTES, "answers of 1xx that are very long come first"
        )

    def _body(self, data: Bytes, at: int) -> int:
        """Count the bytes of the body, or of a chunk, and return the place after them."""
        size = len(data) - at
        if self._left is not None:
            size = min(size, self._left)
            self._left -= size
            self.done = not self._left
        if not self.excerpt:
            self.excerpt = data[at : at + min(size, self._kept)]
        elif len(self.excerpt) < self._kept:
            if isinstance(self.excerpt, bytes):
                self.excerpt = bytearray(self.excerpt)
            self.excerpt += data[at : at + min(size, self._kept - len(self.excerpt))]
        self.length += size
        return at + size

    def _chunk_size(self, data: Bytes, at: int) -> Optional[int]:
        line = read_size(data, at, self.status)
        if line is None:
            return None
        self._left = line.size
        self._step = Answer._chunk if line.size else Answer._trailers
        return line.end

    def _chunk(self, data: Bytes, at: int) -> int:
        at = self._body(data, at)
        if self.done:  # with the chunk, not with the body
            self.done, self._step = False, Answer._chunk_end
        return at

    def _chunk_end(self, data: Bytes, at: int) -> Optional[int]:
        end = skip_end(data, at, self.status)
        if end is not None:
            self._step = Answer._chunk_size
        return end

    def _trailers(self, data: Bytes, at: int) -> Optional[int]:
        for line in (b"\n", b"\r\n"):
            if data.startswith(line, at):
                self.done = True
                return at + len(line)
        end = self._find_blank(data, at, "the answer's trailers do not end")
        if end is None:
            return None
        check_trailers(data, at, end, self.status)
        self.done = True
        return end
