"""The parser beside http.client and llhttp, on answers of real servers and on hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.faulty import Conversation

from .answers import CASES, OK, TWO, Case
from .jobs import failed, sender, transfer
from .readers import PEERS, Seen, http_client, llhttp, ours
from .ways import Way

CORPUS = Path(__file__).parent / "corpus"
REAL = sorted(path.name for path in CORPUS.glob("*.http"))
NO_HTTP = {"not-http-openssh.http", "python-0.9.http"}
"""The answer of OpenSSH to a request, and of a server to a client of 1991."""


@pytest.mark.parametrize("name", REAL)
def test_answers_of_real_servers_are_parsed_as_the_peers_parse_them(name: str) -> None:
    data = (CORPUS / name).read_bytes()
    method = "HEAD" if name.startswith("head.") else "POST"
    seen = ours(data, method)
    assert (seen is None) == (name in NO_HTTP)
    for peer, read in PEERS.items():
        assert read(data, method) == seen, peer


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_strange_answers_are_parsed_as_the_table_says(
    case: Case,
) -> None:
    assert ours(case.data, "POST") == case.ours
    for peer, read in PEERS.items():
        # A peer of another version may see something else, as long as there is a reason.
        assert read(case.data, "POST") == case.ours or peer in case.others, peer


def test_every_reason_is_about_a_difference() -> None:
    """Check that each reason is about a difference; a newer peer may have come nearer since."""
    reasons = [(case, peer) for case in CASES for peer in case.others]
    differing = [
        (case, peer) for case, peer in reasons if PEERS[peer](case.data, "POST") != case.ours
    ]
    assert len(differing) > 0.8 * len(reasons)


def test_answers_that_both_peers_refuse_are_refused() -> None:
    for case in CASES:
        if not any(read(case.data, "POST") for read in PEERS.values()):
            assert ours(case.data, "POST") is None, case.name


def test_a_connection_is_not_reused_where_another_parser_would_close_it() -> None:
    alone = {
        case.name
        for case in CASES
        if case.ours
        and case.ours.reuse
        and not any((seen := read(case.data, "POST")) and seen.reuse for read in PEERS.values())
    }
    # Both are in the table: equal lengths in a list, which are one, and a folded coding.
    assert alone == {"a list of the same length", "chunked folded away"}


names = st.sampled_from([b"A", b"X-Long-Name", b"Server", b"Date", b"x!#$%&'*+-.^_`|~9"])
values = st.binary(max_size=20).map(
    lambda raw: bytes(byte for byte in raw if byte == 9 or 32 <= byte != 127)
)
fields = st.lists(st.tuples(names, values), max_size=6).map(
    lambda pairs: b"".join(name + b": " + value + b"\r\n" for name, value in pairs)
)
bodies = st.binary(max_size=60)
chunks = st.lists(st.binary(min_size=1, max_size=20), max_size=4).map(
    lambda parts: b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + TWO
)


@given(st.integers(200, 999), fields, bodies, chunks, st.sampled_from(["length", "chunked", "end"]))
def test_valid_answers_are_parsed_alike_by_all(
    status: int, some: bytes, body: bytes, coded: bytes, framing: str
) -> None:
    head = b"HTTP/1.1 %d Word\r\n" % status + some
    if status in (204, 304):
        body, framing = b"", "length"
    if framing == "length":
        data = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    elif framing == "chunked":
        data = head + b"Transfer-Encoding: chunked\r\n\r\n" + coded
    else:
        data = head + b"\r\n" + body
    seen = ours(data, "POST")
    assert seen is not None
    assert http_client(data, "POST") == llhttp(data, "POST") == seen


@given(st.sampled_from(CASES), st.integers(0, 200), st.binary(max_size=2))
def test_an_answer_that_llhttp_accepts_is_parsed_the_same_or_refused(
    case: Case, place: int, change: bytes
) -> None:
    data = case.data[:3000]
    data = data[:place] + change + data[place + len(change) :]
    theirs, seen = llhttp(data, "POST"), ours(data, "POST")
    if theirs and seen:
        assert (seen.status, seen.body) == (theirs.status, theirs.body)
        assert theirs.reuse or not seen.reuse


def test_the_parsers_can_distinguish_answers() -> None:
    """Check that the comparison can fail."""
    data = OK + b"Content-Length: 2\r\n\r\nhi"
    for read in (ours, *PEERS.values()):
        assert read(data, "POST") == Seen(200, b"hi", reuse=True)
        assert read(data, "HEAD") in (Seen(200, b"", reuse=True), Seen(200, b"", reuse=False))
        assert read(b"nonsense\r\n\r\n", "POST") is None


def test_strange_answers_have_the_same_outcome_on_all_ways(small: Path, way: Way) -> None:
    case: Case

    def script(client: Conversation) -> None:
        client.read_request()
        client.send(case.data)

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        for seq, case in enumerate(CASES):
            if case.ours is not None and 200 <= case.ours.status < 300:
                assert made.send(transfer(small, seq=seq)).code == case.ours.status, case.name
                continue
            error = failed(made, transfer(small, seq=seq))
            wanted = ("protocol", "reset") if case.ours is None else ("status",)
            assert error.kind in wanted, case.name
