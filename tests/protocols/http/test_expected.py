"""expect_body and expect_headers: an answer of an expected status may still be no success."""

from __future__ import annotations

import gzip
import time
import zlib
from itertools import count
from pathlib import Path
from typing import Any, Union

import gevent
import pytest

from fthg.clock import SECOND, Clock, run_loop_once
from fthg.errors import TransferError
from fthg.protocols.http.answer import SEARCHED, Answer
from fthg.protocols.http.expected import Expected
from fthg.protocols.http.regular import Regular
from fthg.transfer import Sent
from tests.servers.faulty import Conversation, faulty

from .jobs import failed, send, sender, transfer
from .test_answer import read
from .ways import Way

ACCEPTED: dict[str, Any] = {"expect_body": '"status": *"accepted"'}


def outcome(path: Path, body: bytes, *headers: str, **given: Any) -> Union[TransferError, Sent]:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("200 OK", body, *headers)

    with faulty(script) as server:
        try:
            return send(server.url, path, **given)
        except TransferError as error:
            return error


def is_ok(path: Path, body: bytes, *headers: str, **given: Any) -> bool:
    found = outcome(path, body, *headers, **given)
    assert isinstance(found, Sent) or (found.kind, found.code) == ("status", 200)
    return isinstance(found, Sent)


def fault(path: Path, body: bytes, *headers: str, **given: Any) -> str:
    found = outcome(path, body, *headers, **given)
    assert isinstance(found, TransferError)
    assert (found.kind, found.code) == ("status", 200)
    return found.detail


def test_a_body_without_a_match_is_a_failure_with_its_words(small: Path, way: Way) -> None:
    bodies = [b'{"status": "accepted"}', b'{"status": "rejected", "why": "no such partner"}']

    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("201 Created", bodies[len(server.heard) - 1])

    with way.faulty(script) as server, sender(server.url, **ACCEPTED, **way.options) as made:
        assert made.send(transfer(small)).code == 201
        error = failed(made, transfer(small, seq=1))
    assert (error.kind, error.code, error.sent) == ("status", 201, 8)
    assert error.detail.startswith("201 Created, but its body has no match for ")
    assert "no such partner" in error.detail


def test_an_unexpected_status_is_what_a_failure_names_first(small: Path) -> None:
    detail = fault(small, b"no", expect="201", **ACCEPTED)
    assert detail == "200 OK: no"


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_an_empty_body_has_no_match(small: Path, method: str) -> None:
    assert "it is empty" in fault(small, b"", method=method, expect_body="a")


@pytest.mark.parametrize(
    ("encoding", "compressed"),
    [
        ("gzip", gzip.compress(b"it was accepted")),
        ("deflate", zlib.compress(b"it was accepted")),
        ("gzip, gzip", gzip.compress(gzip.compress(b"it was accepted"))),
        ("identity", b"it was accepted"),
    ],
)
def test_a_compressed_body_is_decompressed(small: Path, encoding: str, compressed: bytes) -> None:
    coding = f"Content-Encoding: {encoding}"
    assert is_ok(small, compressed, coding, expect_body="accepted$")
    assert not is_ok(small, compressed, coding, expect_body="rejected")


def test_a_body_that_cannot_be_decompressed_has_no_match(small: Path) -> None:
    detail = fault(small, b"accepted", "Content-Encoding: br", expect_body="accepted")
    assert "compressed body" in detail


@pytest.mark.parametrize("expression", ["^$", "a*", r"\A[^e]*\Z"])
@pytest.mark.parametrize("encoding", ["br", "gzip", "gzip, gzip, gzip, gzip"])
def test_a_body_that_cannot_be_decompressed_is_not_taken_for_an_empty_one(
    small: Path, encoding: str, expression: str
) -> None:
    coding = f"Content-Encoding: {encoding}"
    assert not is_ok(small, b"accepted", coding, expect_body=expression)
    assert is_ok(small, b"", coding, expect_body=expression)


def test_a_compressed_body_may_be_empty(small: Path) -> None:
    assert is_ok(small, gzip.compress(b""), "Content-Encoding: gzip", expect_body="^$")


def test_the_charset_of_the_answer_counts(small: Path) -> None:
    latin = "geprüft".encode("latin-1")
    assert is_ok(small, latin, "Content-Type: text/plain; charset=iso-8859-1", expect_body="prüft")
    assert is_ok(small, "geprüft".encode(), expect_body="prüft")
    assert is_ok(small, latin, expect_body="pr\ufffdft")


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_text(small: Path, charset: str) -> None:
    assert is_ok(small, "geprüft".encode(charset), expect_body="^geprüft$")


def test_the_first_64_kib_are_searched_and_no_more(small: Path) -> None:
    filler = b"x" * (SEARCHED - 4)
    assert is_ok(small, filler + b"here", expect_body="here")
    assert not is_ok(small, filler + b"there", expect_body="there")
    zipped = gzip.compress(filler + b"here" + bytes(50_000_000))
    assert is_ok(small, zipped, "Content-Encoding: gzip", expect_body="here")
    zipped = gzip.compress(bytes(50_000_000) + b"here")
    assert not is_ok(small, zipped, "Content-Encoding: gzip", expect_body="here")


def test_chunks_are_put_together(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in b"accepted":
            client.send(b"1\r\n%c\r\n" % byte)
            gevent.sleep(0.01)
        client.send(b"0\r\n\r\n")

    with faulty(script) as server:
        assert send(server.url, small, expect_body="^accepted$").code == 200


def test_only_a_job_that_searches_keeps_more_than_an_excerpt() -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    assert len(read(data).excerpt) == 4096
    assert len(read(data, kept=SEARCHED).excerpt) == SEARCHED


def test_a_body_of_many_chunks_is_kept_in_linear_time() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * SEARCHED
    answer = Answer("POST", SEARCHED)
    began = time.monotonic()
    answer.feed(data)
    while answer.behind:
        answer.parse()
    assert bytes(answer.excerpt) == b"x" * SEARCHED
    assert time.monotonic() - began < 5


def test_headers_are_searched_by_any_case_of_their_names(small: Path) -> None:
    wanted = {"expect_headers": {"X-Status": "^accepted", "content-type": "json"}}
    json = "Content-Type: application/json"
    assert is_ok(small, b"", "x-status: accepted for delivery", json, **wanted)
    assert fault(small, b"", "x-status: rejected", json, **wanted) == (
        "200 OK, but its X-Status has no match for '^accepted': rejected"
    )
    assert fault(small, b"", json, **wanted) == "200 OK, but it has no header X-Status"


def test_any_of_several_headers_of_a_name_may_match(small: Path) -> None:
    headers = ("X-Status: queued, early", "X-Status: accepted,\r\n  late")
    assert is_ok(small, b"", *headers, expect_headers={"X-Status": "^accepted, late$"})
    assert is_ok(small, b"", *headers, expect_headers={"X-Status": "early$"})
    assert not is_ok(small, b"", *headers, expect_headers={"X-Status": "early.*accepted"})


def test_the_value_of_a_secret_header_is_not_shown(small: Path) -> None:
    detail = fault(small, b"", "X-Api-Key: geheim", expect_headers={"X-Api-Key": "^a"})
    assert "geheim" not in detail


def test_a_hostile_body_holds_no_other_transfer_up(small: Path) -> None:
    """Python's own search would take longer than the age of the universe."""

    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("200 OK", b"a" * (SEARCHED - 1) + b"!")

    longest, last = 0.0, time.monotonic()
    with faulty(script) as server, sender(server.url, expect_body="(a+)+$") as made:
        sending = [gevent.spawn(failed, made, transfer(small, seq=seq)) for seq in range(20)]
        while not all(one.ready() for one in sending):
            gevent.sleep(0.001)
            now = time.monotonic()
            longest, last = max(longest, now - last), now
    assert {one.get().kind for one in sending} == {"status"}
    assert longest < 1


class Leaping(Clock):
    """A clock by which any work takes longer than a slice of a search."""

    def __init__(self) -> None:
        super().__init__()
        moments = count(0, SECOND)
        self.now = lambda: next(moments)  # type: ignore[method-assign]


def searches(jobs: int) -> list[gevent.Greenlet[[], str]]:
    """Begin a search of each of so many jobs, in a body that takes several slices."""
    answer = read(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * SEARCHED, kept=SEARCHED)
    wanted, clock = Regular("b"), Leaping()
    made = [Expected(wanted, {}, clock) for _ in range(jobs)]
    return [gevent.spawn(each.missing, answer) for each in made]


def test_of_all_searches_one_goes_on_in_a_round_of_the_loop() -> None:
    begun, rounds = searches(20), 0
    while not all(one.ready() for one in begun):
        run_loop_once()
        rounds += 1
    assert all("no match" in one.get() for one in begun)
    assert rounds > 20 * 10


def test_searches_that_are_given_up_leave_the_others_their_slices() -> None:
    begun = searches(10)
    for number, one in enumerate(begun[:-1]):
        for _ in range(number):
            run_loop_once()
        one.kill(timeout=10)
    assert "no match" in begun[-1].get(timeout=10)
    assert "no match" in searches(1)[0].get(timeout=10)
