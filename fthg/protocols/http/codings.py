"""Decompresses the beginnings of bodies, up to a limit of bytes."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import NamedTuple, Optional

from .head import Fields

_MOST = 3  # a body may decompress into itself, and a head has place for thousands
_CONTAINER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is
_BARE = -zlib.MAX_WBITS  # some servers send `deflate` without its container


class Decoded(NamedTuple):
    """The beginning of a body's content."""

    data: bytes
    whole: bool  # False if there may be more


def decoded(fields: Fields, body: bytes, limit: int) -> Optional[Decoded]:
    """Return the beginning of a body's content, also if the body was cut.

    If it is compressed, these are `limit` bytes at most: a small body can hold gigabytes. None if
    nothing of it can be decompressed.
    """
    codings = _codings(fields)
    if not body or not codings:
        return Decoded(body, True)
    if len(codings) > _MOST:
        return None
    whole = True
    for coding in reversed(codings):
        content = _decompressed(coding, body, limit)
        if content is None:
            return None
        body, whole = content, whole and len(content) < limit
    return Decoded(body, whole)


def _codings(fields: Fields) -> list[str]:
    """Return the compressions of the body in the order in which they were applied."""
    value = b",".join(fields.get(name, b"") for name in (b"content-encoding", b"transfer-encoding"))
    names = (name.strip().lower() for name in value.decode("latin-1").split(","))
    return [name for name in names if name not in ("", "identity", "chunked")]


def _decompressed(coding: str, data: bytes, limit: int) -> Optional[bytes]:
    """Return the beginning of the content, also of data that were cut; None if there is none."""
    if coding not in ("gzip", "x-gzip", "deflate"):
        return None
    for form in (_CONTAINER, _BARE):
        with suppress(zlib.error):
            stream = zlib.decompressobj(form)
            content = stream.decompress(data, limit)
            return content if content or stream.eof else None
    return None
