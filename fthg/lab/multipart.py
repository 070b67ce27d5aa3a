"""multipart/form-data (RFC 7578), read as a stream: memory does not grow with the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Callable, Optional

Read = Callable[[int], bytes]
"""A function that reads up to a number of bytes, and nothing at the end."""

_BLOCK = 1 << 16
_HEADERS_LIMIT = 1 << 14
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))', re.IGNORECASE)
_FILENAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"', re.IGNORECASE)


class Part:
    """One part: its file name, None for a plain field, and its content."""

    def __init__(self, filename: Optional[str], blocks: Iterator[bytes]) -> None:
        self.filename = filename
        self.blocks = blocks


def boundary_of(content_type: str) -> bytes:
    """Return the boundary that the header names; ValueError if it names none."""
    match = _BOUNDARY.search(content_type)
    if not match:
        raise ValueError("multipart without a boundary")
    return (match.group(1) or match.group(2)).encode("latin-1")


def parts(read: Read, boundary: bytes) -> Iterator[Part]:
    """Yield the parts, each to be read before the next; ValueError if one is malformed."""
    stream = _Stream(read)
    delimiter = b"\r\n--" + boundary
    stream.pushed = b"\r\n"  # the first boundary may be at the very start
    for _ in stream.until(delimiter):
        pass  # the preamble has no meaning
    while (after := stream.line(2)) == b"\r\n":
        head = b"".join(stream.until(b"\r\n\r\n", _HEADERS_LIMIT))
        match = _FILENAME.search(head)
        name = match and re.sub(rb"\\(.)", rb"\1", match.group(1)).decode("utf-8", "replace")
        blocks = stream.until(delimiter)
        yield Part(name, blocks)
        for _ in blocks:
            pass  # the content that the caller did not read
    if after != b"--":
        raise ValueError("a multipart boundary is followed by neither a part nor the end")


class _Stream:
    def __init__(self, read: Read) -> None:
        self._read = read
        self.pushed = b""

    def line(self, size: int) -> bytes:
        while len(self.pushed) < size:
            self._more()
        found, self.pushed = self.pushed[:size], self.pushed[size:]
        return found

    def until(self, mark: bytes, limit: Optional[int] = None) -> Iterator[bytes]:
        """Yield the bytes before the mark, in blocks; skip the mark itself."""
        seen = 0
        while (end := self.pushed.find(mark)) < 0:
            ready = len(self.pushed) - len(mark) + 1
            if ready > 0:
                block, self.pushed = self.pushed[:ready], self.pushed[ready:]
                seen += ready
                if limit and seen > limit:
                    raise ValueError("the headers of a part are too long")
                yield block
            self._more()
        block, self.pushed = self.pushed[:end], self.pushed[end + len(mark) :]
        if block:
            yield block

    def _more(self) -> None:
        block = self._read(_BLOCK)
        if not block:
            raise ValueError("the multipart body ends in the middle")
        self.pushed += block
