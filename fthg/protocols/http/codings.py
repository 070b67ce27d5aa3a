"""Decompresses the beginnings of bodies, never more than so many bytes of them."""

from __future__ import annotations

import zlib
from typing import NamedTuple, Optional

from .head import Fields

_MOST = 3  # a body may decompress into itself, and a head has place for thousands
_CONTAINER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is


class Decoded(NamedTuple):
    """The beginning of a body's content."""

    data: bytes
    whole: bool  # False if there may be more


def decoded(fields: Fields, body: bytes, limit: int) -> Optional[Decoded]:
    """Return the beginning of what a body holds, also of one that was cut.

    If it is compressed, these are `limit` bytes at most: a small body can hold gigabytes. None if
    nothing of it can be decompressed.
    """
    codings = _codings(fields)
    if len(codings) > _MOST:
        return None
    whole = True
    for coding in reversed(codings):
        body = _decompressed(coding, body, limit)
        whole = whole and len(body) < limit
    return Decoded(body, whole) if body or not codings else None


def _codings(fields: Fields) -> list[str]:
    """Return the compressions of the body in the order in which they were applied."""
    value = b",".join(fields.get(name, b"") for name in (b"content-encoding", b"transfer-encoding"))
    names = (name.strip().lower() for name in value.decode("latin-1").split(","))
    return [name for name in names if name not in ("", "identity", "chunked")]


def _decompressed(coding: str, data: bytes, limit: int) -> bytes:
    """Return the beginning of the content, also of data that were cut; empty if it is unknown."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return b""
    try:
        return zlib.decompressobj(_CONTAINER).decompress(data, limit)
    except zlib.error:
        pass
    try:  # some servers send `deflate` without its container
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, limit)
    except zlib.error:
        return b""
