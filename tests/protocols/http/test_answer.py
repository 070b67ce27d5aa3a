"""The parser, without a network."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import Optional

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.protocols.http.answer import EXCERPT, INTERIM_LIMIT, STEPS, Answer
from fthg.protocols.http.head import FIELDS_LIMIT, HEAD_LIMIT

OK = b"HTTP/1.1 200 OK\r\n"


def read(*chunks: bytes, method: str = "POST", end: bool = False, kept: int = EXCERPT) -> Answer:
    answer = Answer(method, kept)
    for chunk in chunks:
        answer.feed(chunk)
        while answer.behind:
            answer.parse()
    if end:
        answer.end()
    return answer


def refusal(*chunks: bytes, end: bool = False) -> TransferError:
    with pytest.raises(TransferError) as caught:
        read(*chunks, end=end)
    return caught.value


ANSWERS = [
    OK + b"Content-Length: 5\r\n\r\nhello",
    OK + b"Content-Length: 0\r\n\r\n",
    OK + b"Content-Length: 3, 3\r\n\r\nabc",
    b"HTTP/1.1 201 Created\nContent-Length: 2\n\nhi",
    b"HTTP/1.1 204\r\nDate: today\r\n\r\n",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
    OK + b"Transfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n1F\r\n" + b"x" * 31
    + b"\r\n0\r\nChecksum: 9\r\n\r\n",
    OK + b"Transfer-Encoding: gzip, Chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK
    + b"Content-Length: 1\r\n\r\n!",
    OK + b"X-Folded: one\r\n two\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 503 Busy\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nlate",
]  # fmt: skip


def seen(answer: Answer) -> tuple[object, ...]:
    fields = sorted(answer.fields.items())
    return (
        answer.status, answer.reason, fields, answer.done, answer.reusable, answer.excerpt,
        answer.length,
    )  # fmt: skip


def cut(data: bytes, places: Iterable[int]) -> list[bytes]:
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in zip(ends, ends[1:])]


@pytest.mark.parametrize("data", ANSWERS)
def test_an_answer_is_done_with_its_last_byte_and_not_before(data: bytes) -> None:
    answer = Answer("POST")
    for index in range(len(data)):
        assert not answer.done
        answer.feed(data[index : index + 1])
    assert answer.done
    assert seen(answer) == seen(read(data))


@given(st.sampled_from(ANSWERS), st.lists(st.integers(0, 500)), st.binary(max_size=5))
def test_an_answer_is_the_same_however_its_bytes_are_cut(
    data: bytes, places: list[int], surplus: bytes
) -> None:
    assert seen(read(*cut(data + surplus, places))) == seen(read(data + surplus))


fragments = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 C\r\n\r\n", b"HTTP/1.0 200\n", b"\r\n", b"\n", b"\r",
        b"Content-Length: 3\r\n", b"Content-Length: -1\r\n", b"Transfer-Encoding: chunked\r\n",
        b"Connection: close\r\n", b" folded\r\n", b"0\r\n", b"3\r\nabc\r\n", b"abc", b"x: y\r\n",
        b": \r\n", b"\x00", b"\xff", b"99999999999999999999\r\n", b"HTTP/1.1 ",
    ]
)  # fmt: skip
hostile = st.one_of(st.binary(max_size=200), st.lists(fragments, max_size=12).map(b"".join))


@given(hostile, st.lists(st.integers(0, 300)), st.sampled_from(["POST", "HEAD"]))
@example(b"HTTP/1.1 200 OK\r\nA: b\r\n\rx\r\n\r\n", [], "POST")
@example(b"HTTP/1.1 200 OK\r\nA: b\r\n" + b" " * 60_000 + b"\0\r\n\r\n", [], "POST")
def test_hostile_bytes_raise_nothing_but_transfer_errors_however_they_are_cut(
    data: bytes, places: list[int], method: str
) -> None:
    def outcome(chunks: list[bytes]) -> tuple[object, ...]:
        try:
            return seen(read(*chunks, method=method, end=True))
        except TransferError as error:
            return (error.kind, error.code)

    whole = outcome([data])
    assert outcome(cut(data, places)) == whole
    assert len(whole) > 2 or whole[0] in ("protocol", "reset")


@pytest.mark.parametrize(
    ("data", "reusable"),
    [
        (OK + b"Content-Length: 0\r\n\r\n", True),
        (OK + b"Content-Length: 0\r\nConnection: Keep-Alive, Close\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", True),
        (OK + b"Content-Length: 0\r\n\r\nmore", False),
        (OK + b"Content-Length: 2\r\n\r\nokmore", False),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore", False),
    ],
)
def test_a_connection_is_reusable_only_after_a_clean_end(data: bytes, reusable: bool) -> None:
    answer = read(data)
    assert answer.done
    assert answer.reusable is reusable


@pytest.mark.parametrize("head", [OK + b"\r\n", OK + b"Transfer-Encoding: gzip\r\n\r\n"])
def test_without_a_length_the_body_ends_with_the_connection(head: bytes) -> None:
    assert not read(head, b"body").done
    answer = read(head, b"body", end=True)
    assert answer.done
    assert not answer.reusable
    assert (answer.length, answer.excerpt) == (4, b"body")


def test_an_answer_to_head_has_no_body() -> None:
    answer = read(OK + b"Content-Length: 500\r\n\r\n", method="HEAD")
    assert answer.done
    assert answer.reusable


def test_a_body_is_counted_and_thrown_away() -> None:
    answer = read(OK + b"Content-Length: 1000000\r\n\r\n", *[b"x" * 10_000] * 100)
    assert answer.done
    assert answer.length == 1_000_000
    assert answer.excerpt == b"x" * EXCERPT


def test_fields_are_known_by_lower_case_name_and_joined() -> None:
    answer = read(OK + b"X-A:  one \r\nx-a:two\r\nContent-Length: 0\r\n\r\n")
    assert answer.fields[b"x-a"] == b"one, two"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "https://"),
        (b"HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "status line"),
        (b"HTTP/1.1 099 OK\r\n\r\n", "status line"),
        (OK + b"No colon\r\n\r\n", "No colon"),
        (OK + b"Space : before\r\n\r\n", "Space :"),
        (OK + b"Nul: \x00\r\n\r\n", "Nul"),
        (OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: +1\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: \x0b1\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: 99999999999999999999\r\n\r\n", "Content-Length"),
        (OK + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "contradicts"),
        (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "contradicts"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "size of a chunk"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc", "longer than its size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nhi\r\n0\r\n\r\n", "longer than its size"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\nhi\r\n0\r\n\r\n", "size of a chunk"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nbad\r\n\r\n", "trailers"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 2000, "does not end"),
        (OK + b"X: y\r\n" * (HEAD_LIMIT // 6), "do not end"),
        (OK + b"X: y\r\n" * (FIELDS_LIMIT + 1) + b"\r\n", "more than"),
        (b"HTTP/1.1 100 C\r\n\r\n" * (INTERIM_LIMIT + 1), "1xx"),
        ((b"HTTP/1.1 102 P\r\nX: " + b"y" * 60_000 + b"\r\n\r\n") * 18, "very long"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "switched"),
    ],
)
def test_bytes_that_are_not_http_are_refused_and_shown(data: bytes, word: str) -> None:
    error = refusal(data)
    assert error.kind == "protocol"
    assert word in error.detail


@pytest.mark.parametrize(
    ("data", "code", "word"),
    [
        (b"", None, "without an answer"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", None, "without an answer"),
        (b"HTTP/1.1 102 Processing\r\n\r\nHTTP", None, "in its head"),
        (b"HTTP/1.1 2", None, "in its head"),
        (OK + b"Content-Length: 5\r\n\r\nhe", 200, "after 2 bytes"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhe", 200, "after 2 bytes"),
    ],
)
def test_an_end_too_early_is_a_cut(data: bytes, code: Optional[int], word: str) -> None:
    error = refusal(*([data] if data else []), end=True)
    assert (error.kind, error.code) == ("reset", code)
    assert word in error.detail


def test_an_answer_leaves_no_cycle_that_only_the_collector_could_clear() -> None:
    gc.collect()
    gc.disable()
    try:
        for size in range(50):
            answer = Answer("POST")
            answer.feed(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
            assert answer.done
        assert gc.collect() < 50
    finally:
        gc.enable()


def test_a_long_answer_in_tiny_chunks_is_parsed_bit_by_bit() -> None:
    answer = Answer("POST")
    answer.feed(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * STEPS + b"0\r\n\r\n")
    lengths = [answer.length]
    while answer.behind:
        answer.parse()
        lengths.append(answer.length)
    assert answer.done
    assert lengths[-1] == STEPS
    assert len(lengths) > 3
    assert all(after - before <= STEPS // 2 for before, after in zip(lengths, lengths[1:]))
