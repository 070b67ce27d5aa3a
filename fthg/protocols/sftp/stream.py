"""The channel of a session, and sending on it in pieces that one SSH packet takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, Union

_PIECE = 32 * 1024 - 64
"""Bytes that paramiko puts into one SSH packet (RFC 4253, 6.1); it would copy the rest."""


class Stream(Protocol):
    """The part of a paramiko Channel that a session needs."""

    def recv(self, nbytes: int) -> bytes:
        """Wait for data; return nothing at the end."""

    def send(self, data: bytes) -> int:
        """Wait until something can be sent; return the bytes sent, 0 at the end."""


def send_all(stream: Stream, parts: Iterable[bytes]) -> None:
    """Send all parts in their order; raises EOFError at the end of the stream."""
    for piece in in_pieces(parts, _PIECE):
        left = piece
        while left:
            sent = stream.send(left)
            if not sent:
                raise EOFError
            left = left[sent:]


def in_pieces(parts: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the bytes of all parts in their order, in pieces of `size`; the last may be shorter.

    Every byte is copied once.
    """
    piece: list[Union[bytes, memoryview]] = []
    room = size
    for part in parts:
        left: Union[bytes, memoryview] = part if len(part) < room else memoryview(part)
        while len(left) >= room:
            piece.append(left[:room])
            yield b"".join(piece)
            left = left[room:]
            piece, room = [], size
        piece.append(left)
        room -= len(left)
    if room < size:
        yield b"".join(piece)
