"""Reads what frames the chunks of an HTTP/1.1 answer: sizes, ends, trailers (RFC 9112, 7.1)."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from ...errors import TransferError
from .head import FIELD_LINES, Bytes, excerpt

_SIZE_LINE_LIMIT = 1024  # a chunk's size with its extensions
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00\r\n]*)?\r\n")
_TRAILERS = re.compile(FIELD_LINES)


class SizeLine(NamedTuple):
    """The line before a chunk."""

    size: int  # of the chunk
    end: int  # the place after the line


def read_size(data: Bytes, at: int, status: int) -> Optional[SizeLine]:
    """Return the line with a chunk's size at a place; None if it goes on."""
    match = _SIZE_LINE.match(data, at)
    end = len(data) if match is None else match.end()
    if match is None and b"\n" in data[at : at + _SIZE_LINE_LIMIT]:
        text = excerpt(bytes(data[at : at + 100]))
        raise malformed(f"{text} is not the size of a chunk", status)
    check_limit(end - at, _SIZE_LINE_LIMIT, "the line with a chunk's size does not end")
    return None if match is None else SizeLine(int(match.group(1), 16), end)


def skip_end(data: Bytes, at: int, status: int) -> Optional[int]:
    """Return the place after a chunk's line end; None if it goes on."""
    # If a bare line feed were accepted, a chunk could be one byte longer than its size.
    if data.startswith(b"\r\n", at):
        return at + 2
    if data[at : at + 2] == b"\r":
        return None
    text = excerpt(bytes(data[at : at + 100]))
    raise malformed(f"a chunk is longer than its size, with {text}", status)


def check_trailers(data: Bytes, at: int, end: int, status: int) -> None:
    """Raise TransferError if what is between two places is no trailers with their blank line."""
    match = _TRAILERS.match(data, at, end)
    if match is None or data[match.end() : end] not in (b"\r\n", b"\n"):
        raise malformed("its trailers are malformed", status)


def malformed(reason: str, status: int) -> TransferError:
    """Return the error for an answer with this status, 0 if it is not known yet."""
    return TransferError("protocol", f"the answer is not valid HTTP: {reason}", code=status or None)


def check_limit(size: int, limit: int, reason: str) -> None:
    """Raise TransferError for a part of an answer that is longer than a limit."""
    if size > limit:
        raise TransferError("protocol", f"{reason}: gave up after {limit} bytes")
