from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.outputs.prometheus.request import (
    MOST,
    answer_head,
    answer_text,
    is_whole,
    read_request,
)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /metrics HTTP/1.1", 200),
        ("HEAD /metrics HTTP/1.0", 200),
        ("GET /metrics?name[]=x HTTP/1.1", 200),
        ("GET / HTTP/1.1", 404),
        ("GET /metrics/ HTTP/1.1", 404),
        ("POST /metrics HTTP/1.1", 405),
        ("GET /metrics", 400),
        ("PRI * HTTP/2.0", 400),
        ("", 400),
    ],
)
def test_the_first_line_decides(line: str, status: int) -> None:
    assert read_request(f"{line}\r\nHost: x\r\n\r\n".encode()).status == status


def test_a_request_that_is_too_long_is_refused_without_its_end() -> None:
    data = b"GET /metrics HTTP/1.1\r\nA: " + MOST * b"x"
    assert is_whole(data)
    assert read_request(data).status == 400


@given(st.binary(max_size=300))
def test_whatever_comes_is_answered(data: bytes) -> None:
    status = read_request(data).status
    assert answer_head(status).startswith(f"HTTP/1.1 {status} ".encode())


def test_an_answer_says_how_long_it_is_and_what() -> None:
    head = answer_head(200, b"up 1\n").decode()
    assert "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n" in head
    assert "Content-Length: 5\r\n" in head
    assert f"Content-Length: {len(answer_text(405))}\r\n" in answer_head(405).decode()
    assert "Allow: GET, HEAD\r\n" in answer_head(405).decode()
