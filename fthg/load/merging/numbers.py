"""The numbers of arrivals that were seen, of hundreds of millions in a few megabytes (pure)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Union

_BITS = 14
_SIZE = 1 << _BITS
_MASK = _SIZE - 1
_OPEN = 2
"""The number of chunks that stay unpacked: arrivals end nearly in the order of their numbers."""

_FULL = zlib.compress(b"\1" * _SIZE, 1)
"""All full chunks are this object."""


class Numbers:
    """A set of whole numbers from 0, as chunks with a byte for each: 1 for a number in it."""

    def __init__(self) -> None:
        self._chunks: dict[int, Union[bytearray, bytes]] = {}  # bytes: packed
        self._open: list[int] = []  # the latest last
        self.count = 0
        self.greatest = -1

    def add(self, numbers: Sequence[int]) -> int:
        """Add some; return how many of them were in it already."""
        twice = 0
        if not numbers:
            return twice
        index, chunk = -1, bytearray()
        for number in numbers:
            if number >> _BITS != index:
                index = number >> _BITS
                chunk = self._opened(index)
            at = number & _MASK
            if at >= len(chunk):
                _grow(chunk, at)
            if chunk[at]:
                twice += 1
            else:
                chunk[at] = 1
        self.count += len(numbers) - twice
        self.greatest = max(self.greatest, *numbers)
        return twice

    def _opened(self, index: int) -> bytearray:
        chunk = self._chunks.get(index)
        if not isinstance(chunk, bytearray):
            chunk = bytearray(zlib.decompress(chunk) if chunk else b"")
            self._chunks[index] = chunk
            self._open.append(index)
            if len(self._open) > _OPEN:
                self._pack(self._open.pop(0))
        return chunk

    def _pack(self, index: int) -> None:
        packed = zlib.compress(self._chunks[index], 1)
        self._chunks[index] = _FULL if packed == _FULL else packed

    def merge(self, other: Numbers) -> int:
        """Add all numbers of another set; return how many of them were in this one already."""
        twice = 0
        for index, theirs in other._chunks.items():
            mine = self._chunks.get(index)
            if mine is None:
                self._chunks[index] = theirs
                if isinstance(theirs, bytearray):
                    self._pack(index)
                continue
            left, right = (int.from_bytes(_bytes(one), "little") for one in (mine, theirs))
            twice += (left & right).to_bytes(_SIZE, "little").count(1)
            self._chunks[index] = bytearray((left | right).to_bytes(_SIZE, "little").rstrip(b"\0"))
            if index not in self._open:
                self._pack(index)
        self.count += other.count - twice
        self.greatest = max(self.greatest, other.greatest)
        return twice

    def by_part(self, of: int) -> Sequence[int]:
        """Return for each part how many of its numbers n have n mod `of` = that part."""
        counts = [0] * of
        for index, chunk in self._unpacked():
            for at in range(min(of, len(chunk))):
                counts[((index << _BITS) + at) % of] += chunk[at::of].count(1)
        return counts

    def _unpacked(self) -> Iterator[tuple[int, Union[bytearray, bytes]]]:
        return ((index, _bytes(chunk)) for index, chunk in self._chunks.items())

    def __reduce__(self) -> tuple[object, ...]:
        """Return it for another process, where no chunk of it is open."""
        for index in self._open:
            self._pack(index)
        self._open.clear()
        return _restored, (self._chunks, self.count, self.greatest)


def _restored(chunks: dict[int, Union[bytearray, bytes]], count: int, greatest: int) -> Numbers:
    made = Numbers()
    made._chunks = {index: _FULL if one == _FULL else one for index, one in chunks.items()}
    made.count, made.greatest = count, greatest
    return made


def _grow(chunk: bytearray, at: int) -> None:
    """Make room for a number: a job of a few arrivals takes a few bytes."""
    chunk.extend(bytes(min(_SIZE, max(at + 1, 2 * len(chunk))) - len(chunk)))


def _bytes(chunk: Union[bytearray, bytes]) -> Union[bytearray, bytes]:
    return chunk if isinstance(chunk, bytearray) else zlib.decompress(chunk)
