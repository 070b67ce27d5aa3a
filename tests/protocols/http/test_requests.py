"""The bytes of requests on the wire."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fthg import __version__
from fthg.log import TRACE
from tests.servers.faulty import Conversation, Faulty, faulty

from .jobs import failed, send, sender, transfer


@pytest.fixture
def server() -> Iterator[Faulty]:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer("201 Created", b"", "Set-Cookie: session=hidden")

    with faulty(script) as running:
        yield running


def fields(request: bytes) -> dict[bytes, bytes]:
    lines = request.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}


def test_a_plain_upload(server: Faulty, small: Path, adapter: dict[str, Any]) -> None:
    send(f"{server.url}/in?x=1&y={{seq}}#top", small, **adapter)
    request = server.heard[0]
    assert request.startswith(b"POST /in?x=1&y=0 HTTP/1.1\r\n")
    sent = fields(request)
    assert sent[b"host"] == f"127.0.0.1:{server.port}".encode()
    assert sent[b"user-agent"] == f"fthg/{__version__}".encode()
    assert sent[b"content-length"] == b"8"
    assert sent[b"content-type"] == b"application/xml"
    assert b"transfer-encoding" not in sent
    assert request.endswith(b"\r\n\r\n<order/>")


def test_headers_take_placeholders_as_utf8(
    server: Faulty, tmp_path: Path, adapter: dict[str, Any]
) -> None:
    path = tmp_path / os.fsdecode("dé€".encode() + b"\xff.bin")
    path.write_bytes(b"1234")
    headers = {
        "X-Transfer-Id": "{uuid}",
        "X-Filename": "{filename}",
        "X-Literal": "grün {{braces}}",
        "X-All": "{job} {seq} {size} {stem} {suffix}",
        "User-Agent": "mine",
        "Content-Type": "x/y",
        "Host": "other.example",
    }
    send(server.url, path, headers=headers, **adapter)
    sent = fields(server.heard[0])
    assert sent[b"x-transfer-id"] == b"00000000-0000-0000-0000-000000001000"
    assert sent[b"x-filename"] == "dé€".encode() + b"\xff.bin"
    assert sent[b"x-literal"] == "grün {braces}".encode()
    assert sent[b"x-all"] == b"orders 0 4 " + "dé€".encode() + b"\xff .bin"
    assert (sent[b"user-agent"], sent[b"content-type"]) == (b"mine", b"x/y")
    assert sent[b"host"] == b"other.example"
    assert len(re.findall(rb"(?i)\r\nhost:", server.heard[0])) == 1


def test_a_header_with_several_values_is_a_line_for_each_in_their_order(
    server: Faulty, small: Path, adapter: dict[str, Any]
) -> None:
    headers = {"X-First": "1", "X-Tag": ["b", "{seq}", "a, c"], "X-Last": "2"}
    send(server.url, small, headers=headers, **adapter)
    lines = [line for line in server.heard[0].split(b"\r\n") if line.startswith(b"X-")]
    assert lines == [b"X-First: 1", b"X-Tag: b", b"X-Tag: 0", b"X-Tag: a, c", b"X-Last: 2"]


def test_a_name_that_would_break_a_header_fails_that_transfer_alone(
    server: Faulty, tmp_path: Path, small: Path, adapter: dict[str, Any]
) -> None:
    path = tmp_path / "evil\r\nX-Evil: 1"
    path.write_bytes(b"x")
    with sender(server.url, headers={"X-Filename": "{filename}"}, **adapter) as made:
        error = failed(made, transfer(path))
        assert error.kind == "name"
        assert r"evil\r\nX-Evil" in error.detail
        assert made.send(transfer(small)).code == 201
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("", b"/"),
        ("?a={seq}", b"/?a=0"),
        ("/a b/ü%20%zz", b"/a%20b/%C3%BC%20%25zz"),
        ("/{{{seq}}}", b"/%7B0%7D"),
        ("/{filename}/x", b"/order.xml/x"),
    ],
)
def test_the_target_is_percent_encoded(
    server: Faulty, small: Path, text: str, target: bytes
) -> None:
    send(server.url + text, small)
    assert server.heard[0].split(b" ")[1] == target


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.pdf", b"application/pdf"),
        ("a.PDF", b"application/pdf"),
        ("a.xml", b"application/xml"),
        ("a.b.csv", b"text/csv"),
        ("a.md", b"text/markdown"),
        ("a.edi", b"application/EDIFACT"),
        ("a.", b"application/octet-stream"),
        ("pdf", b"application/octet-stream"),
        ("a.tar.gz", b"application/gzip"),
        ("a", b"application/octet-stream"),
        ("a.no-such-type", b"application/octet-stream"),
    ],
)
def test_the_content_type_is_guessed_from_the_name(
    server: Faulty, tmp_path: Path, name: str, kind: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    send(server.url, path)
    assert fields(server.heard[0])[b"content-type"] == kind


def test_the_content_type_of_the_job_wins(server: Faulty, small: Path) -> None:
    send(server.url, small, content_type="text/x; charset=utf-8")
    assert fields(server.heard[0])[b"content-type"] == b"text/x; charset=utf-8"


def test_the_files_part_of_a_form_has_the_name_and_type_that_it_is_given(
    server: Faulty, small: Path, adapter: dict[str, Any]
) -> None:
    form = {"filename": 'ü "{stem}"-{seq}{suffix}', "content_type": "text/x"}
    send(server.url, small, body={"multipart": form}, **adapter)
    request = server.heard[0]
    assert 'name="file"; filename="ü %22order%22-0.xml"\r\n'.encode() in request
    assert b"\r\nContent-Type: text/x\r\n\r\n<order/>" in request
    assert fields(request)[b"content-type"].startswith(b"multipart/form-data; boundary=")


def test_without_reuse_the_request_asks_to_close(server: Faulty, small: Path) -> None:
    send(server.url, small, reuse=False)
    assert fields(server.heard[0])[b"connection"] == b"close"


def test_cookies_of_one_answer_are_in_no_other_request(
    server: Faulty, small: Path, adapter: dict[str, Any]
) -> None:
    with sender(server.url, **adapter) as made:
        for seq in range(2):
            made.send(transfer(small, seq=seq))
    assert b"cookie" not in fields(server.heard[1])


def test_the_trace_shows_headers_and_no_secrets(
    server: Faulty, small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    auth = {"basic": {"user": "u", "password": "geheim"}}
    with caplog.at_level(TRACE, "fthg"):
        send(server.url, small, auth=auth, headers={"X-Shown": "{uuid}", "Cookie": "hidden"})
    logged = {record.msg: vars(record)["fields"] for record in caplog.records}
    assert "X-Shown: 00000000-0000" in logged["request"]["head"]
    assert "Authorization: ***" in logged["request"]["head"]
    assert logged["response"]["status"] == 201
    assert "set-cookie: ***" in logged["response"]["head"]
    everything = str(logged)
    assert "hidden" not in everything
    assert "dTpn" not in everything
    assert "geheim" not in everything


def test_head_gets_an_answer_without_body(small: Path) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")

    with faulty(script) as running, sender(running.url, method="HEAD") as made:
        for seq in range(2):
            assert made.send(transfer(small, seq=seq)).code == 200
    assert running.connections == 1
