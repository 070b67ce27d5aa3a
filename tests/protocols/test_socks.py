"""The negotiation of SOCKS5, without a network."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.proxy import parse_proxy
from fthg.protocols.socks import negotiation

TARGET = Endpoint("files.example.com", 22)
ASKED = b"\x05\x01\x00\x03\x11files.example.com\x00\x16"
DONE = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"


def play(url: str, said: bytes, target: Endpoint = TARGET) -> tuple[bytes, bytes]:
    """Let a proxy say these bytes; return what it hears, and what is left of them."""
    steps, heard = negotiation(parse_proxy(url), target), b""
    try:
        data, count = next(steps)
        while True:
            heard += data
            assert 0 < count <= 257
            if len(said) < count:
                raise EOFError
            piece, said = said[:count], said[count:]
            data, count = steps.send(piece)
    except StopIteration:
        return heard, said


def refusal(url: str, said: bytes) -> TransferError:
    with pytest.raises(TransferError) as caught:
        play(url, said)
    assert caught.value.kind == "proxy"
    assert caught.value.detail.startswith("proxy port 1080 (proxy): ")
    return caught.value


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("files.example.com", b"\x03\x11files.example.com"),
        ("192.0.2.1", b"\x01\xc0\x00\x02\x01"),
        ("2001:db8::1", b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
    ],
)
def test_names_and_addresses_are_asked_for_in_their_own_form(host: str, address: bytes) -> None:
    heard, left = play("socks5h://proxy", b"\x05\x00" + DONE + b"SSH-", Endpoint(host, 22))
    assert heard == b"\x05\x01\x00" + b"\x05\x01\x00" + address + b"\x00\x16"
    assert left == b"SSH-"


def test_user_and_password() -> None:
    heard, _ = play("socks5h://ann:geh%C3%A9im@proxy", b"\x05\x02\x01\x00" + DONE)
    assert heard == b"\x05\x02\x00\x02" + b"\x01\x03ann\x07geh\xc3\xa9im" + ASKED


def test_a_proxy_that_needs_no_password_is_not_told_it() -> None:
    heard, _ = play("socks5h://ann:secret@proxy", b"\x05\x00" + DONE)
    assert b"secret" not in heard


@pytest.mark.parametrize("bound", [b"\x04" + bytes(18), b"\x03\x05proxy\x00\x01"])
def test_the_proxys_own_address_may_have_any_form(bound: bytes) -> None:
    assert play("socks5h://proxy", b"\x05\x00\x05\x00\x00" + bound + b"rest")[1] == b"rest"


@pytest.mark.parametrize(
    ("url", "said", "words"),
    [
        ("socks5://proxy", b"\x04\x5a", "it does not speak SOCKS5"),
        ("socks5://proxy", b"HTTP/1.1 400", "it does not speak SOCKS5"),
        ("socks5://proxy", b"\x05\xff", "it asks for a user and a password"),
        ("socks5://u:p@proxy", b"\x05\xff", "it takes no password"),
        ("socks5://proxy", b"\x05\x02", "it chose a way to log in that was not offered"),
        ("socks5://u:p@proxy", b"\x05\x01", "it chose a way to log in that was not offered"),
        ("socks5://u:p@proxy", b"\x05\x02\x01\x01", "it refuses user 'u' or the password"),
        ("socks5://proxy", b"\x05\x00\x04\x00\x00\x01", "its answer is not SOCKS5"),
        ("socks5://proxy", b"\x05\x00\x05\x00\x00\x09", "its answer is not SOCKS5"),
    ],
)
def test_proxies_that_refuse_or_do_not_speak_socks5(url: str, said: bytes, words: str) -> None:
    assert words in refusal(url, said).detail


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "general failure"),
        (2, "its rules do not allow it"),
        (3, "network unreachable"),
        (4, "host unreachable"),
        (5, "connection refused"),
        (6, "TTL expired"),
        (7, "it does not support CONNECT"),
        (8, "it does not take this type of address"),
        (77, "for an unknown reason"),
    ],
)
def test_replies_in_words_and_with_their_number(code: int, words: str) -> None:
    error = refusal("socks5h://proxy", b"\x05\x00\x05" + bytes([code, 0, 1]))
    assert error.code == code
    wanted = f"it does not connect to files.example.com:22: {words} (SOCKS5 reply {code})"
    assert wanted in error.detail


@given(st.binary(max_size=300), st.sampled_from(["socks5://proxy", "socks5://u:p@proxy"]))
def test_whatever_comes_ends_in_a_connection_a_refusal_or_the_end(said: bytes, url: str) -> None:
    with suppress(EOFError, TransferError):
        play(url, said)
