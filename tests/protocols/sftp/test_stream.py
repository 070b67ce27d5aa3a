from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.sftp.stream import in_pieces, send_all


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


class Narrow:
    """A stream that takes a few bytes at once, until it has ended."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def recv(self, nbytes: int) -> bytes:
        raise AssertionError(nbytes)

    def send(self, data: bytes) -> int:
        sent = min(7, len(data), self.room - len(self.taken))
        self.taken += data[:sent]
        return sent


def test_what_a_stream_does_not_take_at_once_follows() -> None:
    stream = Narrow(100_000)
    parts = [bytes(range(256)) * 200, b"end"]
    send_all(stream, parts)
    assert stream.taken == b"".join(parts)


def test_the_end_of_a_stream_is_an_error() -> None:
    stream = Narrow(10)
    with pytest.raises(EOFError):
        send_all(stream, [b"x" * 11])
    assert stream.taken == b"x" * 10
