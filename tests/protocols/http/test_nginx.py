"""Against a real nginx: what arrives is what was sent, byte for byte."""

from __future__ import annotations

import base64
import os
import re
import resource
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.transfer import PHASES
from tests.servers.certificates import Authority
from tests.servers.faulty import Conversation, faulty
from tests.servers.nginx import Nginx

from .jobs import failure, send, sender, transfer

SIZES = [0, 1, 65535, 65536, 65537, 256 * 1024, 3 * 1024 * 1024 + 7]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_arrives_whole(
    plain: Nginx, tmp_path: Path, size: int, adapter: dict[str, Any]
) -> None:
    path = tmp_path / f"file-{size}.bin"
    path.write_bytes(os.urandom(size))
    sent = send(f"{plain.url}/up/{{seq}}/{{filename}}", path, method="put", **adapter)
    assert sent.code in (201, 204)
    assert sent.bytes == size
    assert plain.stored(f"up/0/{path.name}") == path.read_bytes()


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_file_arrives_whole_in_tls(
    secure: Nginx, ca: Authority, tmp_path: Path, size: int, adapter: dict[str, Any]
) -> None:
    path = tmp_path / f"{size}.bin"
    path.write_bytes(os.urandom(size))
    sent = send(f"{secure.url}/{{filename}}", path, method="PUT", ca=str(ca.cert), **adapter)
    assert secure.stored(path.name) == path.read_bytes()
    assert sent.phases["handshaking"] > 0


@pytest.mark.parametrize(
    "name",
    [
        "with space.txt",
        "quote\"and'apostrophe",
        "new\nline",
        "50%25 off?.txt#top",
        "über-€-☃.txt",
        os.fsdecode(b"not-utf8-\xff\xfe.bin"),
        "{uuid}",
        "a+b&c=d;e",
    ],
)
def test_any_file_name_can_stand_in_the_url(
    plain: Nginx, tmp_path: Path, name: str, adapter: dict[str, Any]
) -> None:
    path = tmp_path / name
    path.write_bytes(b"content")
    send(f"{plain.url}/names/{{filename}}", path, method="PUT", **adapter)
    assert plain.stored(f"names/{name}") == b"content"
    os.remove(plain.directory / "files" / "names" / name)


def test_a_path_keeps_its_directories_in_the_url(plain: Nginx, small: Path) -> None:
    with sender(f"{plain.url}/tree/{{path}}", method="PUT") as made:
        made.send(transfer(small, name="a b/c/order.xml"))
    assert plain.stored("tree/a b/c/order.xml") == b"<order/>"


@pytest.mark.parametrize("size", [20, 300_000])
def test_a_form_arrives_whole(
    plain: Nginx, tmp_path: Path, size: int, adapter: dict[str, Any]
) -> None:
    path = tmp_path / 'an "odd" näme\n.pdf'
    path.write_bytes(os.urandom(size))
    form = {"multipart": {"field": "upload", "fields": {"id": "{uuid}", "who": "für {job}"}}}
    before = len(plain.posted())
    sent = send(f"{plain.url}/post/form", path, body=form, **adapter)
    assert (sent.code, sent.bytes) == (200, size)
    posted = plain.posted()[before]
    boundary = posted.split(b"\r\n")[0]
    assert posted == b"\r\n".join(
        (
            boundary,
            b'Content-Disposition: form-data; name="id"',
            b"",
            b"00000000-0000-0000-0000-000000001000",
            boundary,
            b'Content-Disposition: form-data; name="who"',
            b"",
            "für orders".encode(),
            boundary,
            b'Content-Disposition: form-data; name="upload"; '
            + 'filename="an %22odd%22 näme%0A.pdf"'.encode(),
            b"Content-Type: application/pdf",
            b"",
            path.read_bytes(),
            boundary + b"--",
            b"",
        )
    )


def test_connections_are_reused_and_no_more_than_allowed(plain: Nginx, small: Path) -> None:
    with sender(f"{plain.url}/kept/{{seq}}", method="PUT", connections=3) as made:
        sending = [gevent.spawn(made.send, transfer(small, seq=seq)) for seq in range(30)]
        gevent.joinall(sending, timeout=20, raise_error=True)
    used = {line[4] for line in plain.log("/kept/", 30)}
    assert 1 <= len(used) <= 3
    assert all(set(one.value.phases) <= set(PHASES) for one in sending)
    assert "blocked" in sending[-1].value.phases


def test_without_reuse_each_file_has_a_connection_of_its_own(plain: Nginx, small: Path) -> None:
    with sender(f"{plain.url}/single/{{seq}}", method="PUT", reuse=False) as made:
        for seq in range(5):
            made.send(transfer(small, seq=seq))
    assert len({line[4] for line in plain.log("/single/", 5)}) == 5


def test_a_new_connection_resumes_the_tls_session(
    secure: Nginx, ca: Authority, small: Path
) -> None:
    url = f"{secure.url}/resumed/{{seq}}"
    with sender(url, method="PUT", ca=str(ca.cert), reuse=False) as made:
        for seq in range(3):
            made.send(transfer(small, seq=seq))
    lines = secure.log("/resumed/", 3)
    assert [line[6] for line in lines] == [".", "r", "r"]
    assert {line[5] for line in lines} == {"TLSv1.3"}


def test_too_large_for_the_server(plain: Nginx, large: Path, adapter: dict[str, Any]) -> None:
    error = failure(f"{plain.url}/small/x", large, **adapter)
    assert (error.kind, error.code) == ("status", 413)


def test_a_redirect_sends_the_whole_body_again(plain: Nginx, large: Path) -> None:
    url = f"{plain.url}/moved/{{filename}}"
    assert failure(url, large, method="PUT").code == 307
    assert send(url, large, method="PUT", follow_redirects="true").code == 201
    assert plain.stored("landed/moved/large.bin") == large.read_bytes()


def test_a_huge_file_does_not_grow_memory(
    plain: Nginx, tmp_path: Path, adapter: dict[str, Any]
) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(128 * 1024 * 1024)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sent = send(f"{plain.url}/huge", path, method="PUT", timeout=60.0, **adapter)
    assert sent.bytes == path.stat().st_size
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024  # KiB
    os.remove(plain.directory / "files" / "huge")


def test_other_senders_go_on_while_a_large_file_is_sent(
    plain: Nginx, tmp_path: Path, small: Path
) -> None:
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    with sender(f"{plain.url}/side/{{seq}}", method="PUT") as made:
        long = gevent.spawn(made.send, transfer(path, seq=1000))
        gevent.sleep(0)
        sent = 0
        while not long.ready() and sent < 1000:
            made.send(transfer(small, seq=sent))
            sent += 1
        long.get(timeout=30)
    assert sent > 1


def test_basic_credentials_reach_the_server_and_no_representation(
    small: Path,
) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    wanted = b"Authorization: Basic " + base64.b64encode("jürgen:s{c}ret".encode()) + b"\r\n"
    basic = {"basic": {"user": "jürgen", "password": "s{c}ret"}}
    with faulty(script) as server:
        send(server.url, small, auth=basic)
        send(server.url.replace("//", "//j%C3%BCrgen:s%7Bc%7Dret@"), small)
        send(server.url, small, auth={"bearer": "T0ken"})
    assert [bool(re.search(wanted, head)) for head in server.heard] == [True, True, False]
    assert b"Authorization: Bearer T0ken\r\n" in server.heard[2]


@pytest.mark.parametrize("resume", [True, False])
def test_sessions_of_tls_are_resumed_unless_they_shall_not_be(
    secure: Nginx, ca: Authority, small: Path, resume: bool
) -> None:
    url = f"{secure.url}/resume-{resume}"
    with sender(url, method="PUT", ca=str(ca.cert), resume=resume, reuse=False) as made:
        for seq in range(6):
            made.send(transfer(small, seq=seq))
    reused = [fields[6] for fields in secure.log(f"/resume-{resume}", 6)]
    assert reused == [".", *("r" if resume else ".") * 5]
