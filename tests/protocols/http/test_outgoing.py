"""The number of bytes of a file that were sent, by the bytes that were written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.protocols.http.outgoing import content_within, framed_size


def chunks(content: bytes, most: int) -> bytes:
    """Return the content in chunks, without the last one."""
    pieces = (content[at : at + most] for at in range(0, len(content), most))
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


@given(size=st.integers(0, 200), most=st.integers(1, 70))
def test_the_size_of_content_in_chunks(size: int, most: int) -> None:
    assert framed_size(size, most) == len(chunks(b"." * size, most))


@given(size=st.integers(0, 200), most=st.integers(1, 70), more=st.integers(0, 200))
def test_the_bytes_of_the_content_among_those_that_were_written(
    size: int, most: int, more: int
) -> None:
    # No frame has a dot in it.
    framed = chunks(b"." * size, most)
    for written in range(len(framed) + 1):
        assert content_within(written, size, most) == framed[:written].count(b".")
    assert content_within(len(framed) + more, size, most) == size
