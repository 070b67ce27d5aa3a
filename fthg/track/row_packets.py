"""The rows of an answer of MySQL, parsed from the bytes that have arrived (pure).

PyMySQL makes an object of every packet and a call of every column; most rows need neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Optional

Converters = Sequence[tuple[Optional[str], Optional[Callable[[Any], Any]]]]
"""For each column its encoding, None for bytes, and what makes a value of its text."""

_NULL = 251  # instead of a length
_WIDTHS = (0, 2, 3, 8)  # bytes of the length of a value, after 251, 252, 253 and 254
_SPECIAL = 254  # from here on the first byte belongs to another kind of packet, or a huge value
_HEAD = 4


class Parsed(NamedTuple):
    """Rows, and how many bytes they took."""

    rows: list[tuple[Any, ...]]
    size: int


def parse_rows(data: bytes, sequence: int, converters: Converters, most: int) -> Parsed:
    """Parse the whole rows at the start of `data`, up to the first packet that is anything else.

    `sequence` is the number of the first packet, `most` the number of rows wanted.
    """
    rows: list[tuple[Any, ...]] = []
    begin, end = 0, len(data)
    while begin + _HEAD < end and len(rows) < most:
        place = begin + _HEAD
        after = place + (data[begin] | data[begin + 1] << 8 | data[begin + 2] << 16)
        if not place < after <= end or data[begin + 3] != sequence or data[place] >= _SPECIAL:
            break
        try:
            row, place = _parse_row(data, place, converters)
        except (IndexError, ValueError):
            break
        if place != after:
            break  # the packet has not the announced form
        rows.append(row)
        begin, sequence = after, (sequence + 1) % 256
    return Parsed(rows, begin)


def _parse_row(data: bytes, place: int, converters: Converters) -> tuple[tuple[Any, ...], int]:
    row: list[Any] = []
    for encoding, convert in converters:
        length = data[place]
        place += 1
        if length == _NULL:
            row.append(None)
            continue
        if length > _NULL:
            width = _WIDTHS[length - _NULL]
            length = int.from_bytes(data[place : place + width], "little")
            place += width
        value: Any = data[place : place + length]
        place += length
        if encoding is not None:
            value = value.decode(encoding)
        row.append(value if convert is None else convert(value))
    return tuple(row), place
