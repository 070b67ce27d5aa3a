"""Redirects: what is sent again, where it goes, and what stays behind."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from fthg import urls
from fthg.errors import TransferError
from fthg.protocols.http.answer import Answer
from fthg.protocols.http.redirects import keeps_secrets, redirect_target
from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, Script, faulty

from .jobs import failed, failure, send, sender, transfer

SECRET = {"X-Api-Key": "geheim", "Cookie": "geheim", "X-Auth-Token": "geheim", "X-Shown": "yes"}


def _landing(client: Conversation) -> None:
    while client.read_request():
        client.answer("201 Created")


def _to(url: str, status: str = "307 There") -> Script:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer(status, b"", f"Location: {url}")

    return script


@pytest.mark.parametrize("status", ["301 M", "302 F", "307 T", "308 P"])
def test_method_and_body_are_sent_again(small: Path, status: str) -> None:
    with faulty(_landing) as landing, faulty(_to(f"{landing.url}/x#top", status)) as entry:
        sent = send(entry.url, small, method="PUT", follow_redirects="true")
    assert (sent.code, sent.bytes) == (201, 8)
    assert landing.heard[0].startswith(b"PUT /x HTTP/1.1\r\n")
    assert landing.heard[0].endswith(b"\r\n\r\n<order/>")
    assert f"\r\nHost: 127.0.0.1:{landing.port}\r\n".encode() in landing.heard[0]


def test_a_303_is_judged_like_any_other_status(small: Path) -> None:
    with faulty(_landing) as landing, faulty(_to(landing.url, "303 See")) as entry:
        assert failure(entry.url, small, follow_redirects="true").code == 303
        assert send(entry.url, small, follow_redirects="true", expect="303").code == 303
    assert not landing.heard


def test_each_value_of_a_header_is_sent_again_and_each_secret_one_stays_behind(
    small: Path,
) -> None:
    headers = {"X-Tag": ["a", "{seq}"], "Cookie": ["b", "c"]}
    with faulty(_landing) as landing, faulty(_to(landing.url)) as entry:
        send(entry.url, small, headers=headers, follow_redirects="true")
    assert b"\r\nX-Tag: a\r\nX-Tag: 0\r\nCookie: b\r\nCookie: c\r\n" in entry.heard[0]
    assert b"\r\nX-Tag: a\r\nX-Tag: 0\r\n" in landing.heard[0]
    assert b"cookie" not in landing.heard[0].lower()


def test_secret_headers_stay_with_their_server(small: Path) -> None:
    auth = {"basic": {"user": "u", "password": "geheim"}}
    with faulty(_landing) as landing, faulty(_to(landing.url)) as entry:
        send(entry.url, small, headers=SECRET, auth=auth, follow_redirects="true")
    assert b"geheim" in entry.heard[0]
    assert b"X-Shown: yes" in landing.heard[0]
    for name in (b"authorization", b"cookie", b"x-api-key", b"x-auth-token"):
        assert name not in landing.heard[0].lower()


@pytest.mark.parametrize("other", ["LOCALHOST", "[::1]", "127.1", "u:p@127.0.0.2"])
def test_secret_headers_go_to_no_other_form_of_an_address(small: Path, other: str) -> None:
    address = "::1" if ":" in other and "@" not in other else other.rpartition("@")[2]
    bound = {"LOCALHOST": "127.0.0.1", "127.1": "127.0.0.1"}.get(address, address)
    with (
        faulty(_landing, address=bound) as landing,
        faulty(_to(f"http://{other}:{landing.port}/")) as entry,
    ):
        send(entry.url, small, headers=SECRET, follow_redirects="true")
    assert b"X-Shown: yes" in landing.heard[0]
    assert b"geheim" not in landing.heard[0]


def test_secret_headers_go_along_on_the_same_server(small: Path) -> None:
    def script(client: Conversation) -> None:
        while request := client.read_request():
            landed = request.startswith(b"POST /in ")
            client.answer("200 OK" if landed else "307 There", b"", "Location: in")

    with faulty(script) as server:
        send(server.url, small, headers=SECRET, follow_redirects="true")
    assert b"X-Api-Key: geheim" in server.heard[1]


def test_user_info_is_never_sent(small: Path) -> None:
    with faulty(_landing) as landing:
        url = landing.url.replace("//", "//user:geheim@")
        with faulty(_to(url)) as entry:
            send(entry.url, small, follow_redirects="true")
    assert b"uthorization" not in landing.heard[0]
    assert b"geheim" not in landing.heard[0]


def test_it_goes_on_in_tls(small: Path, ca: Authority, certificate: Pair) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with (
        faulty(_landing, certificate, context) as landing,
        faulty(_to(f"https://localhost:{landing.port}/x")) as entry,
    ):
        sent = send(entry.url, small, ca=str(ca.cert), follow_redirects="true")
    assert sent.code == 201
    assert "handshaking" in sent.phases


@pytest.mark.parametrize("redirects", [10, 11])
def test_ten_are_followed_and_no_more(small: Path, redirects: int) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            landed = len(server.heard) > redirects
            client.answer("200 OK" if landed else "307 There", b"", "Location: /")

    with faulty(script) as server, sender(server.url, follow_redirects="true") as made:
        if redirects == 10:
            assert made.send(transfer(small)).code == 200
        else:
            error = failed(made, transfer(small))
            assert (error.kind, error.code) == ("status", 307)
        assert len(server.heard) == 11


def test_without_a_location_it_is_a_status(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("302 Found")

    with faulty(script) as server:
        assert failure(server.url, small, follow_redirects="true").kind == "status"
        assert send(server.url, small, follow_redirects="true", expect="302").code == 302


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("http://h/", "http://h/x", True),
        ("http://h/", "https://h/", True),
        ("https://h/", "http://h/", False),
        ("https://h/", "https://g/", False),
        ("http://h:81/", "https://h/", False),
        ("https://h/", "https://h:444/", False),
        ("https://h:443/", "http://h:443/", False),
        ("http://H/", "http://h:80/", True),
        ("https://h./", "https://h/", False),
        ("https://h/", "https://h.:443/", False),
        ("https://h/", "https://h@g/", False),
        ("https://h/", "https://h:443@g/", False),
        ("https://h/", "https://u:p@h/", True),
        ("https://h/", "https://h.g/", False),
        ("https://h/", "https://%68/", True),
        ("https://[::1]/", "https://[::1]:443/", True),
        ("https://[::1]/", "https://[::2]/", False),
        ("https://[::1]/", "https://[::1]:444/", False),
        ("https://[fe80::1%25eth0]/", "https://[fe80::1%25eth1]/", False),
        ("https://[fe80::1%25eth0]/", "https://[fe80::1]/", False),
        ("https://127.0.0.1/", "https://127.1/", False),
        ("https://127.0.0.1/", "https://[::ffff:127.0.0.1]/", False),
        ("http://h/", "https://h:80/", True),
        ("http://h:80/", "https://h:443/", True),
        ("https://h:80/", "http://h:80/", False),
    ],
)
def test_where_secrets_may_go(old: str, new: str, kept: bool) -> None:
    assert keeps_secrets(urls.parse(old), urls.parse(new)) is kept


@pytest.mark.parametrize(
    "location", [b"ftp://h/", b"http://h:99999/", b"http://[x/", b"http://" + "ä".encode() * 2000]
)
def test_a_location_that_is_no_http_server_is_an_error(location: bytes) -> None:
    answer = Answer("POST")
    answer.feed(b"HTTP/1.1 307 T\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    with pytest.raises(TransferError) as caught:
        redirect_target(answer, "http://h/")
    assert (caught.value.kind, caught.value.code) == ("protocol", 307)
