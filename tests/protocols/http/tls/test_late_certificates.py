"""A client certificate that Apache asks for after the request, by TLS 1.3 or a new handshake."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.clock import Clock
from tests.servers import apache
from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, faulty
from tests.servers.web_store import WebStore

from ..jobs import failure, sender, transfer
from .identities import issue

VERSIONS = ("TLSv1.2", "TLSv1.3")


class _Late:
    """The server, its URL for files, and the names that it was shown."""

    def __init__(self, store: WebStore, names: Path) -> None:
        self.url = f"https://localhost:{store.url.rpartition(':')[2]}/{{filename}}"
        self.files = store.files
        self._names = names

    def names(self, count: int) -> list[str]:
        """Return so many names at least; Apache logs after it answers."""
        while len(found := self._names.read_text().split()) < count:
            gevent.sleep(0.05)
        return found


@contextmanager
def late(
    directory: Path, ca: Authority, certificate: Pair, version: str, demand: str = "require"
) -> Iterator[_Late]:
    names = directory / "names"
    lines = [
        "SSLEngine on",
        f"SSLProtocol {version}",
        f"SSLCertificateFile {certificate.cert}",
        f"SSLCertificateKeyFile {certificate.key}",
        f"SSLCACertificateFile {ca.cert}",
        f'CustomLog {names} "%{{SSL_CLIENT_S_DN_CN}}x"',
        "<Location />",
        f"SSLVerifyClient {demand}",  # not before the path is known
        "</Location>",
    ]
    with apache.running(*lines, modules=["ssl", "log_config"]) as store:
        yield _Late(store, names)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_job_shows_its_own_also_when_the_other_has_connected_meanwhile(
    tmp_path: Path, ca: Authority, certificate: Pair, version: str
) -> None:
    clock, files = Clock(), [tmp_path / "small", tmp_path / "larger"]
    for size, file in zip((8, 100_000), files):
        file.write_bytes(b"x" * size)

    def given(name: str) -> dict[str, Any]:
        pair, _ = issue(tmp_path / name, ca)
        identity = {"cert": str(pair.cert), "key": str(pair.key)}
        return {"method": "PUT", "ca": str(ca.cert), **identity}

    with (
        late(tmp_path, ca, certificate, version) as server,
        sender(server.url, clock, **given("one")) as one,
        sender(server.url, clock, **given("two")) as two,
    ):
        count = 0
        for file in files:
            for job in (one, two, one):
                assert job.send(transfer(file)).code in (201, 204)
                count += 1
                names = server.names(count)  # before another thread of Apache logs, too
            assert (server.files / file.name).read_bytes() == file.read_bytes()
    assert names == ["one", "two", "one"] * 2


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("size", [200_000, 50 << 20])
def test_a_body_that_the_server_would_have_to_keep_is_refused_with_a_remedy(
    tmp_path: Path, ca: Authority, certificate: Pair, version: str, size: int
) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    file = tmp_path / "large"
    with file.open("wb") as sparse:
        sparse.truncate(size)
    identity: dict[str, Any] = {"ca": str(ca.cert), "cert": str(pair.cert), "key": str(pair.key)}
    with late(tmp_path, ca, certificate, version) as server:
        error = failure(server.url, file, method="PUT", **identity)
    assert (error.kind, error.code) == ("status", 413)
    assert "`expect_continue: true`" in error.detail


@pytest.mark.parametrize("version", VERSIONS)
def test_without_one_the_error_says_what_is_wanted(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, version: str
) -> None:
    with late(tmp_path, ca, certificate, version) as server:
        error = failure(server.url, small, method="PUT", ca=str(ca.cert))
    assert error.kind == "tls"
    assert "wants a client certificate" in error.detail
    assert "`cert`" in error.detail


@pytest.mark.parametrize("version", VERSIONS)
def test_a_job_without_one_is_let_in_where_it_is_optional(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, version: str
) -> None:
    with late(tmp_path, ca, certificate, version, "optional") as server:
        with sender(server.url, method="PUT", ca=str(ca.cert)) as made:
            assert made.send(transfer(small)).code == 201
        assert (server.files / small.name).read_bytes() == small.read_bytes()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("size", [8, 200_000, 50 << 20])
def test_a_body_of_any_size_that_waits_is_stored(
    tmp_path: Path, ca: Authority, certificate: Pair, version: str, size: int
) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(size)
    given: dict[str, Any] = {"ca": str(ca.cert), "cert": str(pair.cert), "key": str(pair.key)}
    with (
        late(tmp_path, ca, certificate, version) as server,
        sender(server.url, method="PUT", expect_continue=True, **given) as made,
    ):
        for code in (201, 204):
            assert made.send(transfer(file)).code == code
        assert (server.files / file.name).stat().st_size == size


def test_a_certificate_asked_for_in_one_piece_with_other_data_is_sent_at_once(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode, context.post_handshake_auth = ssl.CERT_REQUIRED, True
    context.load_verify_locations(ca.cert)

    def script(client: Conversation) -> None:
        client.read_request()
        with client.held_back():
            client.ask_for_certificate()
            client.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        while not client.client_certificate():
            with gevent.Timeout(0.1, False):
                client.receive(1)  # what TLS itself has to read
        client.answer()

    pair, _ = issue(tmp_path / "client", ca)
    given: dict[str, Any] = {"ca": str(ca.cert), "cert": str(pair.cert), "key": str(pair.key)}
    with faulty(script, certificate, context) as server, gevent.Timeout(10):
        url = f"https://localhost:{server.port}/"
        with sender(url, **given) as made:
            assert made.send(transfer(small)).code == 200
