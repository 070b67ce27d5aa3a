from __future__ import annotations

import io
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.filepost import encode_multipart_formdata

from fthg.lab import multipart


def read(body: bytes, content_type: str, step: int = 1 << 16) -> list[tuple[Optional[str], bytes]]:
    stream = io.BytesIO(body)
    boundary = multipart.boundary_of(content_type)
    found = multipart.parts(lambda size: stream.read(min(size, step)), boundary)
    return [(part.filename, b"".join(part.blocks)) for part in found]


@given(
    contents=st.lists(st.binary(max_size=300), min_size=1, max_size=4),
    step=st.integers(min_value=1, max_value=400),
)
def test_encoded_files_are_read_with_any_size_of_blocks(contents: list[bytes], step: int) -> None:
    body, content_type = encode_multipart_formdata(
        [(f"field{at}", (f"name{at}", data)) for at, data in enumerate(contents)]
    )
    assert read(body, content_type, step) == [
        (f"name{at}", data) for at, data in enumerate(contents)
    ]


def test_content_may_hold_text_that_looks_like_a_boundary() -> None:
    content = b"\r\n--other\r\n\r\n--\r\n-"
    body, content_type = encode_multipart_formdata([("file", ("a", content))], boundary="the-one")
    assert read(body, content_type, 3) == [("a", content)]


def test_plain_fields_have_no_file_name() -> None:
    body, content_type = encode_multipart_formdata([("note", "hello"), ("file", ("a", b"x"))])
    assert read(body, content_type) == [(None, b"hello"), ("a", b"x")]


def test_a_reader_may_leave_a_part_unread() -> None:
    body, content_type = encode_multipart_formdata([("a", ("a", b"x" * 1000)), ("b", ("b", b"y"))])
    found = multipart.parts(io.BytesIO(body).read, multipart.boundary_of(content_type))
    assert [part.filename for part in found] == ["a", "b"]


@pytest.mark.parametrize(
    "body",
    [b"", b"--b", b"--b\r\nno end of headers", b"--b\r\n\r\n\r\ncontent", b"--b\r\n\r\nx\r\n--b??"],
)
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="multipart"):
        read(body, "multipart/form-data; boundary=b")


def test_headers_without_end_are_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        read(b"--b\r\n" + b"x" * 100_000, "multipart/form-data; boundary=b")


def test_a_missing_boundary_is_refused() -> None:
    with pytest.raises(ValueError, match="without a boundary"):
        multipart.boundary_of("multipart/form-data")
