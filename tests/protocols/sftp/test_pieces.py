from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.sftp.pieces import in_pieces


@given(st.lists(st.binary(max_size=40)), st.integers(1, 50))
def test_pieces_are_all_bytes_in_their_order_and_only_the_last_is_short(
    parts: list[bytes], size: int
) -> None:
    pieces = list(in_pieces(parts, size))
    assert b"".join(pieces) == b"".join(parts)
    assert [len(piece) for piece in pieces[:-1]] == [size] * len(pieces[:-1])
    assert all(0 < len(piece) <= size for piece in pieces)


def test_pieces_are_bytes_whatever_they_are_cut_from() -> None:
    assert list(in_pieces([b"ab", b"", b"cdefg"], 3)) == [b"abc", b"def", b"g"]
