"""Rows from bytes, against PyMySQL's own reading of them."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.track.row_packets import parse_rows

CONVERTERS = ((None, None), ("utf8", None), ("ascii", int))
values = st.tuples(
    st.none() | st.binary(max_size=300),
    st.none() | st.text(max_size=300),
    st.none() | st.integers(),
)
Row = tuple[Optional[bytes], Optional[str], Optional[int]]


def packet(sequence: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([sequence % 256]) + payload


def payload(row: tuple[Any, ...]) -> bytes:
    return b"".join(map(_value, row))


def _value(value: Any) -> bytes:
    if value is None:
        return b"\xfb"
    data = value if isinstance(value, bytes) else str(value).encode()
    if len(data) <= 250:
        return bytes([len(data)]) + data
    width, head = (2, b"\xfc") if len(data) < 2**16 else (3, b"\xfd")
    return head + len(data).to_bytes(width, "little") + data


def answer(rows: list[Row], first: int) -> bytes:
    return b"".join(packet(first + n, payload(row)) for n, row in enumerate(rows))


@given(st.lists(values, max_size=8), st.integers(0, 255), st.integers(0, 10), st.integers(0, 100))
def test_whole_rows_are_parsed_and_the_rest_is_left(
    rows: list[Row], first: int, most: int, percent: int
) -> None:
    whole = answer(rows, first)
    cut = percent * len(whole) // 100
    parsed = parse_rows(whole[:cut], first, CONVERTERS, most)
    assert parsed.rows == rows[: len(parsed.rows)]
    assert parsed.size == len(answer(parsed.rows, first))
    following = answer(rows[: len(parsed.rows) + 1], first)
    assert len(parsed.rows) in (most, len(rows)) or len(following) > cut


def test_a_long_value_is_read_whole() -> None:
    row = (b"x" * 70_000, "y" * 300, None)
    assert parse_rows(answer([row], 0), 0, CONVERTERS, 9).rows == [row]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(packet(1, b"\xfe\0\0\x22\0"), id="the end"),
        pytest.param(packet(1, b"\xff\x15\x04lost"), id="an error"),
        pytest.param(packet(1, b""), id="an empty packet"),
        pytest.param(packet(2, payload((b"b", "b", 2))), id="a packet out of order"),
        pytest.param(packet(1, payload((b"b", "b", 2)) + b"more"), id="a value too many"),
        pytest.param(packet(1, b"\x09short"), id="half a value"),
    ],
)
def test_anything_but_a_plain_row_is_left_to_pymysql(other: bytes) -> None:
    row = (b"a", "a", 1)
    following = packet(2, payload((b"c", "c", 3)))
    parsed = parse_rows(answer([row], 0) + other + following, 0, CONVERTERS, 9)
    assert parsed == ([row], len(answer([row], 0)))
