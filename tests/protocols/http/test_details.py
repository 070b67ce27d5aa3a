"""The description of an unexpected answer."""

from __future__ import annotations

import gzip
import socket
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fthg.clock import Clock
from fthg.errors import TransferError
from fthg.protocols.files import Files
from fthg.protocols.http.connection import HttpConnection
from fthg.protocols.http.details import status_detail
from fthg.protocols.http.head import not_http
from fthg.protocols.http.outgoing import Request
from fthg.protocols.stopwatch import Stopwatch
from tests.servers.faulty import Conversation, faulty

from .jobs import failure, transfer

APACHE = (
    b'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n'
    b"<title>403 Forbidden</title>\n</head><body>\n<h1>Forbidden</h1>\n"
    b"<p>You don't have permission to access <b>this</b>&nbsp;resource.</p>\n"
    b"<hr>\n<address>Apache/2.4 Server</address>\n</body></html>\n"
)
SEEN_OF_APACHE = "You don't have permission to access this resource. Apache/2.4 Server"
NGINX = (
    b"<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n"
    b"<center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n"
    b"</body>\r\n</html>\r\n" + b"<!-- a padding to disable MSIE -->\r\n" * 6
)
HTML = {b"content-type": b"text/html"}


def detail(
    body: bytes = b"",
    fields: Mapping[bytes, bytes] = HTML,
    status: int = 500,
    reason: str = "Oops",
    whole: bool = True,
) -> str:
    return status_detail(status, reason, fields, body, whole=whole)


def test_a_page_of_html_shows_its_text_without_what_the_status_says_already() -> None:
    assert detail(APACHE, HTML, 403, "Forbidden") == f"403 Forbidden: {SEEN_OF_APACHE}"
    assert detail(NGINX, HTML, 413, "Request Entity Too Large").endswith("Too Large: nginx")
    assert detail(APACHE, {}, 403, "Forbidden").endswith(SEEN_OF_APACHE)  # recognised by itself


def test_scripts_styles_comments_and_tags_are_no_text() -> None:
    page = (
        b"<html><style>p {color: red}</style><script>if (a < b) alert('x')</script>"
        b"<!-- secret > here --><p title='x'>one</p><br>two &amp; three&#33;<p>one</p>"
    )
    assert detail(page) == "500 Oops: one two & three!"


def test_a_page_that_was_cut_shows_what_came_and_says_so() -> None:
    assert detail(b"<p>one</p><a href='ab", whole=False) == "500 Oops: one…"
    assert detail(b"<p>one</p><script>var x = 1", whole=False) == "500 Oops: one…"
    assert detail(b"<p>one</p><!-- and ", whole=False) == "500 Oops: one…"
    assert detail("schön".encode()[:4], {}, whole=False) == "500 Oops: sch…"


def test_text_and_json_stay_as_they_are_in_one_line() -> None:
    plain = {b"content-type": b"application/problem+json"}
    assert detail(b'{\r\n  "title": "a < b"\n}\n', plain) == '500 Oops: { "title": "a < b" }'
    assert detail(b"a <b> c", {}) == "500 Oops: a <b> c"


def test_a_long_text_is_cut_between_words() -> None:
    text = detail(b"word " * 1000, {})
    assert text.endswith(" word…")
    assert len(text) < 300
    assert len(detail(b"x" * 5000, {})) < 300


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate", "gzip, gzip"])
def test_compressed_bodies_are_shown_also_if_only_their_beginning_came(coding: str) -> None:
    data = gzip.compress(APACHE)
    if coding == "deflate":
        data = zlib.compress(APACHE)
    elif coding == "raw deflate":
        data = zlib.compress(APACHE)[2:-4]
    elif coding == "gzip, gzip":
        data = gzip.compress(data)
    fields = {**HTML, b"content-encoding": coding.replace("raw ", "").encode()}
    assert detail(data, fields, 403, "Forbidden").endswith(SEEN_OF_APACHE)
    cut = detail(data[:-40], fields, 403, "Forbidden", whole=False)
    assert cut.startswith("403 Forbidden: You don't have")
    assert cut.endswith("…")


def test_a_transfer_coding_is_decoded_as_well() -> None:
    fields = {b"transfer-encoding": b"gzip, chunked"}
    assert detail(gzip.compress(b"full"), fields) == "500 Oops: full"


def test_what_cannot_be_decompressed_is_named_and_not_shown() -> None:
    for coding, data in ((b"br", b"\x0b\x02\x80hi\x03"), (b"zstd", b"("), (b"gzip", b"no gzip")):
        assert detail(data, {b"content-encoding": coding}) == "500 Oops: (compressed body)"
        assert detail(b"", {b"content-encoding": coding}) == "500 Oops"


def test_a_small_body_that_holds_gigabytes_costs_little() -> None:
    bomb = gzip.compress(b"\n" * (64 << 20))
    assert detail(bomb, {b"content-encoding": b"gzip"}) == "500 Oops"


def test_pages_that_are_hostile_take_linear_time() -> None:
    began = time.monotonic()
    for piece in (b"<a", b"<a b='", b"<!--", b"<script>", b"</script ", b"&#", b"<![", b"<?xml "):
        page = gzip.compress(b"<html>" + piece * 20_000)
        detail(page, {**HTML, b"content-encoding": b"gzip"})
    assert time.monotonic() - began < 5


def test_names_and_numbers_of_any_length_are_passed_over() -> None:
    html = {**HTML, b"content-encoding": b"gzip"}
    for long in (b"<" + b"a" * 20_000 + b"<b>", b"&#" + b"9" * 20_000 + b";", b"&#x" + b"f" * 9000):
        assert detail(gzip.compress(b"<p>one</p>" + long + b"<p>two</p>"), html).startswith(
            "500 Oops: one"
        )


def test_a_body_that_decompresses_into_itself_is_not_decompressed_for_ever() -> None:
    fields = {b"content-encoding": b"gzip, " * 10_000}
    assert detail(gzip.compress(b"x"), fields) == "500 Oops: (compressed body)"
    assert detail(b"", fields) == "500 Oops"


def test_binary_bodies_are_not_shown() -> None:
    assert detail(bytes(range(256)), {b"content-type": b"image/png; x"}) == (
        "500 Oops: (binary body, image/png)"
    )
    assert detail(gzip.compress(APACHE), {}) == "500 Oops: (binary body)"
    assert detail(b"ab\0c" + b"d" * 40, {}) == "500 Oops: abc" + "d" * 40


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"text/plain; charset=iso-8859-1", "Größe".encode("latin-1")),
        (b'text/plain; charset="UTF-16LE"', "Größe".encode("utf-16-le")),
        (b"text/plain", "Größe".encode("utf-16")),
        (b"text/plain; charset=windows-1252", "Größe".encode("cp1252")),
        (b"text/plain; charset=nonsense", "Größe".encode()),
        (b"text/plain; charset=zip", "Größe".encode()),
        (b"text/plain; charset=idna", "Größe".encode()),
        (b"text/html", '<html><meta charset="iso-8859-15">Größe'.encode("iso-8859-15")),
    ],
)
def test_the_charset_that_the_server_names_is_used(kind: bytes, body: bytes) -> None:
    assert detail(body, {b"content-type": kind}) == "500 Oops: Größe"


def test_headers_that_help_are_named_where_they_matter() -> None:
    assert detail(b"", {b"location": b"https://b/x"}, 302, "Found") == (
        "302 Found (Location: https://b/x)"
    )
    assert detail(b"", {b"location": b"https://b/x"}, 200, "OK") == "200 OK"
    assert detail(b"", {b"www-authenticate": b'Basic realm="files"'}, 401, "") == (
        '401 (WWW-Authenticate: Basic realm="files")'
    )
    assert detail(b"", {b"proxy-authenticate": b"Basic"}, 407, "").endswith(
        "(Proxy-Authenticate: Basic)"
    )
    assert detail(b"later", {b"retry-after": b"120"}, 503, "Busy") == (
        "503 Busy (Retry-After: 120): later"
    )
    assert detail(b"", {b"allow": b"GET, HEAD"}, 405, "No").endswith("(Allow: GET, HEAD)")


def test_secrets_of_a_location_are_masked_and_long_values_left_out() -> None:
    assert "hunter2" not in detail(b"", {b"location": b"/x?token=hunter2"}, 302, "Found")
    assert detail(b"", {b"location": b"/" * 5000}, 302, "Found") == (
        "302 Found (Location of 5,000 bytes)"
    )


def test_a_missing_client_certificate_names_the_key_to_give() -> None:
    body = (
        b"<html><head><title>400 No required SSL certificate was sent</title></head>"
        b"<h1>400 Bad Request</h1><center>No required SSL certificate was sent</center>"
    )
    assert detail(body, HTML, 400, "Bad Request").startswith("400 Bad Request (give `cert`): ")


def test_servers_of_other_protocols_are_named() -> None:
    settings = b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80"
    goaway = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01"
    for data in (settings, goaway):
        assert "it is HTTP/2" in not_http(data).detail
    assert "sftp://" in not_http(b"SSH-2.0-OpenSSH_8.7\r\n").detail
    assert "https://" in not_http(b"\x15\x03\x01\0\x02\x02\x46").detail
    assert not_http(b"220 ready").detail.endswith("220 ready'")


def test_a_transfer_that_a_server_refuses_has_all_of_that(
    small: Path, adapter: dict[str, Any]
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        headers = ("Content-Encoding: gzip", "Content-Type: text/html", "Retry-After: 7")
        client.answer("403 Forbidden", gzip.compress(APACHE), *headers)

    with faulty(script) as server:
        error = failure(server.url, small, **adapter)
    assert error.detail == f"403 Forbidden (Retry-After: 7): {SEEN_OF_APACHE}"


def test_a_server_of_ssh_is_a_matter_of_the_protocol(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.send(b"SSH-2.0-OpenSSH_8.7\r\n")
        client.read_head()

    with faulty(script) as server:
        error = failure(server.url, small)
    assert error.kind == "protocol"
    assert "sftp://" in error.detail


def test_a_server_of_ssh_may_have_spoken_before_the_request_left(small: Path) -> None:
    sent, watch = transfer(small), Stopwatch(Clock().now)
    request = Request("POST", sent, Files().open(sent), watch, b"POST / HTTP/1.1\r\n\r\n")
    near, far = socket.socketpair()
    with near, far:
        far.sendall(b"SSH-2.0-OpenSSH_8.7\r\n")
        connection = HttpConnection(near, None, "localhost port 22", lambda _: None)
        with pytest.raises(TransferError, match=r"before it was asked anything.*try sftp://"):
            connection.exchange(request)
        connection.close()
