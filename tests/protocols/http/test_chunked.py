"""Bodies in chunks: what arrives, at scripts and at real servers."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import gevent
import pytest

from tests.e2e.stores import WEB
from tests.servers.faulty import Conversation, faulty
from tests.servers.inventory import Stored
from tests.servers.nginx import Nginx

from .chunked import Received, receive
from .jobs import failure, send, sender, transfer
from .ways import Way

KIB = 1024
SIZES = (0, 1, 64 * KIB, 64 * KIB + 1, 3 * 1024 * KIB + 7)


def storing(stored: list[Received], pause: float = 0.0) -> Any:
    """Return a script that keeps what it receives."""

    def script(client: Conversation) -> None:
        while (received := receive(client)).head:
            stored.append(received)
            gevent.sleep(pause)
            client.answer("201 Created")

    return script


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (0, [0]),
        (1, [1, 0]),
        (64 * KIB, [64 * KIB, 0]),
        (64 * KIB + 1, [64 * KIB, 1, 0]),
    ],
)
def test_a_file_arrives_in_chunks(tmp_path: Path, way: Way, size: int, sizes: list[int]) -> None:
    path, stored = tmp_path / "file", list[Received]()
    path.write_bytes(os.urandom(size))
    with way.faulty(storing(stored)) as server:
        sent = send(server.url, path, chunked="true", **way.options)
    assert sent.bytes == size
    assert stored[-1].body == path.read_bytes()
    assert stored[-1].sizes == sizes


def test_connections_are_kept(tmp_path: Path, way: Way) -> None:
    stored: list[Received] = []
    with (
        way.faulty(storing(stored)) as server,
        sender(server.url, chunked="true", **way.options) as made,
    ):
        for size in (0, 7, 200_000, 0, 7):
            path = tmp_path / str(size)
            path.write_bytes(bytes(size))
            assert made.send(transfer(path)).bytes == size
    assert [len(one.body) for one in stored] == [0, 7, 200_000, 0, 7]
    assert server.connections == 1


@pytest.mark.parametrize("size", [0, 20, 300_000])
@pytest.mark.parametrize("more", [{}, {"limit_rate": 2_000_000}, {"expect_continue": "true"}])
def test_a_form_in_chunks(tmp_path: Path, size: int, more: dict[str, Any]) -> None:
    path, stored = tmp_path / "file", list[Received]()
    path.write_bytes(os.urandom(size))
    with faulty(storing(stored)) as server, gevent.Timeout(10):
        body = {"multipart": {"fields": {"a": "{seq}"}}}
        sent = send(server.url, path, chunked="true", body=body, **more)
    assert sent.bytes == size
    boundary = stored[0].head.split(b"boundary=")[1].split(b"\r\n")[0]
    parts = stored[0].body.split(b"--" + boundary)
    assert [part.partition(b"\r\n\r\n")[2][:-2] for part in parts[1:3]] == [b"0", path.read_bytes()]
    assert parts[3] == b"--\r\n"


@pytest.mark.parametrize("size", [3000, 300_000])
def test_the_bytes_of_a_file_whose_sending_ended_early_are_its_own(
    tmp_path: Path, size: int
) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        gevent.sleep(0.05)
        client.answer("413 Too Large")
        client.hang()

    path = tmp_path / "file"
    path.write_bytes(bytes(size))
    with faulty(script) as server, gevent.Timeout(5):
        error = failure(server.url, path, chunked="true", limit_rate=1024)  # a block each second
    assert (error.kind, error.code, error.sent) == ("status", 413, 1024)


def test_an_answer_before_the_last_chunk_is_none_to_a_whole_body(tmp_path: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.read(200_000)
        client.answer("200 OK")

    path = tmp_path / "file"
    path.write_bytes(bytes(8_000_000))
    with faulty(script) as server, gevent.Timeout(10):
        error = failure(server.url, path, chunked="true")
    assert error.kind in ("cut", "reset")
    assert 100_000 < error.sent < 8_000_000


def test_a_template_and_a_digest_of_content_that_is_sent_in_chunks(tmp_path: Path) -> None:
    path, stored = tmp_path / "file", list[Received]()
    path.write_bytes(os.urandom(200_000))
    with faulty(storing(stored)) as server:
        send(server.url, path, chunked="true", headers={"X-Sum": "{sha256}", "X-Size": "{size}"})
    digest = hashlib.sha256(stored[0].body).hexdigest().encode()
    assert b"\r\nX-Sum: " + digest + b"\r\nX-Size: 200000\r\n" in stored[0].head


@pytest.mark.parametrize("name", WEB)
@pytest.mark.parametrize("expects", ["false", "true"])
def test_files_in_chunks_arrive_whole_at(name: str, expects: str, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    wanted = {}
    with (
        WEB[name](tmp_path / "server") as place,
        sender(chunked="true", expect_continue=expects, **place.keys) as made,
    ):
        for size in SIZES:
            path = tmp_path / f"{size}.bin"
            path.write_bytes(os.urandom(size))
            each = transfer(path, seq=size)
            assert made.send(each).bytes == size
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            wanted[each.uuid] = Stored(size, digest)
        assert place.inventory() == wanted


def test_nginx_passes_them_on(plain: Nginx, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(300_000))
    before = len(plain.posted())
    sent = send(f"{plain.url}/post/", path, chunked="true", expect_continue="true")
    assert (sent.code, sent.bytes) == (200, 300_000)
    assert path.read_bytes() in plain.posted()
    assert len(plain.posted()) == before + 1
