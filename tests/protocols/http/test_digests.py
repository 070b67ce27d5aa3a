"""Digests in headers and fields are those of the content that is at the server."""

from __future__ import annotations

import hashlib
import os
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.content import BLOCK, SMALL
from fthg.load.files.generate import Generate
from fthg.load.files.templates import Templates
from fthg.placeholders import Template
from tests.servers.faulty import Conversation, faulty

from .jobs import failed, sender, transfer
from .test_files import polite, rewrite

HEADERS = {
    "X-Sha": "{sha256}",
    "X-Size": "{size}",
    "Content-Digest": "sha-256=:{sha256_base64}:",
    "Content-MD5": "{md5_base64}",
    "ETag": "{md5}",
}


def header(request: bytes, name: str) -> str:
    found = re.search(rf"\r\n{name}: (.*)\r\n".encode(), request)
    return found.group(1).decode() if found else ""


def agrees(request: bytes) -> bool:
    """Return True if all headers describe the content truly."""
    content = request.partition(b"\r\n\r\n")[2]
    if b"multipart/form-data" in request:
        content = (
            content.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
        )
        content = content.rpartition(b"\r\n--")[0] if content.count(b"\r\n--fthg") else content
    sha256, md5 = hashlib.sha256(content), hashlib.md5(content, usedforsecurity=False)
    return [header(request, name) for name in HEADERS] == [
        sha256.hexdigest(),
        str(len(content)),
        f"sha-256=:{b64encode(sha256.digest()).decode()}:",
        b64encode(md5.digest()).decode(),
        md5.hexdigest(),
    ]


@pytest.mark.parametrize("size", [0, 10, SMALL, SMALL + 1, 30_000_000])
@pytest.mark.parametrize(
    "body", ["raw", {"multipart": {"fields": {"sum": "{sha256}"}}}], ids=["raw", "multipart"]
)
def test_they_are_those_of_the_file_even_after_it_changed(
    tmp_path: Path, body: Any, size: int
) -> None:
    path = tmp_path / "file"
    with faulty(polite) as server, sender(server.url, headers=HEADERS, body=body) as made:
        for seq, length in enumerate((size, size, size + 1)):
            path.write_bytes(os.urandom(length))
            assert made.send(transfer(path, seq=seq)).bytes == length
    assert len(server.heard) == 3
    assert all(agrees(request) for request in server.heard)
    if body != "raw":
        for request in server.heard:
            assert f'name="sum"\r\n\r\n{header(request, "X-Sha")}\r\n'.encode() in request


def test_the_size_is_that_of_what_is_sent_even_if_the_file_has_grown_since(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    with faulty(polite) as server, sender(server.url, headers=HEADERS) as made:
        made.send(transfer(path)._replace(size=1))
    assert header(server.heard[0], "X-Size") == "3"


def test_an_unchanged_large_file_is_read_for_it_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(5 * BLOCK))
    with faulty(polite) as server, sender(server.url, headers={"X": "{sha256}"}) as made:
        made.send(transfer(path))
        digests = made._files._digests[str(path)]
        known = digests._known["sha256"]
        made.send(transfer(path, seq=1))
        assert made._files._digests[str(path)] is digests
        assert digests._known["sha256"] is known
    assert len({header(request, "X") for request in server.heard}) == 1


def test_a_large_file_that_changes_after_its_digest_was_computed_fails(large: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        rewrite(large)
        client.read(100_000_000)

    with faulty(script) as server, sender(server.url, headers={"X": "{sha256}"}) as made:
        error = failed(made, transfer(large))
    assert error.kind == "file"
    assert "written to" in error.detail


def test_redirected_requests_have_them_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")

    def script(client: Conversation) -> None:
        client.read_request()
        client.answer("307 Go", b"", "Location: /elsewhere")
        client.read_request()
        client.answer()

    with (
        faulty(script) as server,
        sender(server.url, headers=HEADERS, follow_redirects="true") as made,
    ):
        made.send(transfer(path))
    assert len(server.heard) == 2
    assert all(agrees(request) for request in server.heard)


@pytest.mark.parametrize("size", [1000, 5 * BLOCK])
@pytest.mark.parametrize("text", [False, True])
def test_generated_content_has_them_too(size: int, text: bool) -> None:
    how = Generate(size, size + 99, Template("order-{seq}.xml"), text, seed=7)
    with faulty(polite) as server, sender(f"{server.url}/{{filename}}", headers=HEADERS) as made:
        for seq in range(3):
            sent = how.transfer("orders", seq, "u", 0)
            assert made.send(sent).bytes == sent.size
    assert all(agrees(request) for request in server.heard)
    assert [request.split(b" ")[1] for request in server.heard] == [
        f"/order-{seq}.xml".encode() for seq in range(3)
    ]
    assert "xml" in header(server.heard[0], "Content-Type")


@pytest.mark.parametrize("lines", [1, 20_000])
def test_filled_templates_have_them_too(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "file"
    path.write_text("{uuid} {seq}\n" * lines)
    templates = Templates()
    with faulty(polite) as server, sender(server.url, headers=HEADERS) as made:
        for seq in range(3):
            sent = templates.fill(transfer(path, seq=seq))
            assert made.send(sent).bytes == sent.size
            assert server.heard[seq].endswith(b"\r\n\r\n" + f"{sent.uuid} {seq}\n".encode() * lines)
    assert all(agrees(request) for request in server.heard)


def test_many_transfers_of_one_large_file_wait_for_one_digest(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(20 * BLOCK))
    with faulty(polite) as server, sender(server.url, headers=HEADERS) as made:
        sending = [gevent.spawn(made.send, transfer(path, seq=seq)) for seq in range(8)]
        gevent.joinall(sending, raise_error=True)
    assert len(server.heard) == 8
    assert all(agrees(request) for request in server.heard)


def test_a_digest_for_which_there_is_no_time_is_what_the_error_names() -> None:
    sent = Generate(1 << 40, 1 << 40, Template("a"), seed=7).transfer("orders", 0, "u", 0)
    with (
        faulty(polite) as server,
        sender(server.url, headers={"X": "{sha256}"}, timeout=0.3) as made,
    ):
        error = failed(made, sent)
    assert error.kind == "timeout"
    assert error.detail.endswith("the digest of its content was still being computed")
    assert (server.heard, error.phases) == ([], {})
