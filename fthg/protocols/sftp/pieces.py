"""Cuts what is to be sent into the pieces that one SSH packet takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Union


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
