"""Text whose placeholders are replaced."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.content import SMALL
from fthg.load.files.filled import Filled, PlaceError, sections_of

VALUES = {"uuid": b"4b9a0d2e", "seq": b"7", "filename": b"\xff%s{seq}", "job": b""}
PIECES = st.lists(
    st.sampled_from(["{uuid}", "{seq}", "{filename}", "{job}", "{{", "}}", "%s", "\n", "ü"])
    | st.text(max_size=20).map(lambda text: re.sub("[{}]", "", text)),
    max_size=30,
)
SPELLED = {f"{{{name}}}": value for name, value in VALUES.items()} | {"{{": b"{", "}}": b"}"}


def filled(data: bytes) -> Filled:
    return Filled(sections_of(data), VALUES)


def expected(pieces: list[str]) -> bytes:
    return b"".join(SPELLED.get(piece, piece.encode()) for piece in pieces)


@given(PIECES, st.sampled_from([1, 30, 4000]))
def test_only_placeholders_are_replaced(pieces: list[str], times: int) -> None:
    content = filled("".join(pieces * times).encode())
    assert b"".join(content.blocks(32_768)) == expected(pieces * times)
    assert content.size == len(expected(pieces * times))


LONG = "".join(
    f"{{{{{number}}}}} {{uuid}} {{filename}}{'-' * (number % 99)}\n" for number in range(9999)
)
WHOLE = b"".join(filled(LONG.encode()).blocks())


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 3 * SMALL))
def test_any_block_is_a_slice_of_the_whole(offset: int, most: int) -> None:
    assert LONG_CONTENT.small is None
    assert LONG_CONTENT.read(offset, most) == WHOLE[offset : offset + most]


LONG_CONTENT = filled(LONG.encode())


@pytest.mark.parametrize(
    ("data", "line", "column", "reason"),
    [
        (b"{uid}", 1, 1, "unknown placeholder {uid}; there are {uuid}, {filename}"),
        ("a\nüb {size}".encode(), 2, 4, "{size} is not known here"),
        (b"a\n\n{sha256}", 3, 1, "{sha256} is not known here"),
        (b"x }\n", 1, 3, "a single '}'"),
        (b"{uuid}\n{ \n", 2, 1, "a single '{'"),
        (b'{"a": 1}', 1, 1, "write a literal brace twice"),
        (b"ab\n\xff", 2, 2 - 1, "no UTF-8 text"),
        (b"ab\n\xc3", 2, 1, "no UTF-8 text"),
        (b"\n" * (256 * 1024 - 1) + "ü".encode() + b"\xff", 256 * 1024, 2, "no UTF-8 text"),
        (b"{" + b"x" * 1000 + b"}", 1, 1, "unknown placeholder {" + "x" * 58 + "…}"),
        (b"\n" * SMALL * 5 + b"{{ {nope}", 5 * SMALL + 1, 4, "unknown placeholder {nope}"),
    ],
)
def test_what_is_wrong_has_its_place(data: bytes, line: int, column: int, reason: str) -> None:
    with pytest.raises(PlaceError) as caught:
        sections_of(data)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in str(caught.value)


@given(st.binary(max_size=200) | st.text(st.sampled_from("{}uid\n ü"), max_size=40).map(str.encode))
def test_any_bytes_are_text_or_have_a_place_that_is_wrong(data: bytes) -> None:
    try:
        sections_of(data)
    except PlaceError as error:
        found = error
    else:
        return
    assert 1 <= found.line <= data.count(b"\n") + 1
    assert found.column >= 1


def test_long_texts_are_read_in_many_steps() -> None:
    steps: list[None] = []
    sections = sections_of(b"{seq}" * 20_000, lambda: steps.append(None))
    assert len(steps) >= 20
    assert all(len(section.names) <= 1000 for section in sections)
