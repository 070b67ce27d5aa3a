"""The detail of a failed handshake: issuer, names, and the key to set."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.protocols.http.tls import handshake
from fthg.protocols.http.tls.peer_certificate import issuer, names
from tests.servers.certificates import (
    Authority,
    Pair,
    client_certificate,
    make_ca,
    server_certificate,
)
from tests.servers.faulty import Conversation, faulty

from ..jobs import failure, send

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def polite(client: Conversation) -> None:
    while client.read_request():
        client.answer()


def url(port: int) -> str:
    return f"https://localhost:{port}/"


def server_context(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    return context


@pytest.mark.parametrize("version", VERSIONS)
def test_an_unknown_ca_is_named(
    tmp_path: Path,
    small: Path,
    certificate: Pair,
    adapter: dict[str, Any],
    version: ssl.TLSVersion,
) -> None:
    other = make_ca(tmp_path, "other").cert
    with faulty(polite, certificate, server_context(version)) as server:
        without = failure(url(server.port), small, **adapter)
        wrong = failure(url(server.port), small, ca=str(other), **adapter)
    assert "unknown CA: it was issued by CN=fthg ca; give" in without.detail
    assert f"issued by CN=fthg ca; `ca` ({other}) does not hold that CA" in wrong.detail
    assert server.connections == 2, "it connected once more to find that out"


def test_a_chain_names_its_beginning_and_its_end(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    whole = tmp_path / "chain.pem"
    stranger = make_ca(tmp_path, "stranger")
    whole.write_bytes(certificate.cert.read_bytes() + stranger.cert.read_bytes())
    with faulty(polite, Pair(whole, certificate.key)) as server:
        error = failure(url(server.port), small)
    assert "issued by CN=fthg ca, under CN=fthg stranger; give" in error.detail


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_with_another_name_shows_its_names(
    tmp_path: Path, small: Path, ca: Authority, adapter: dict[str, Any], version: ssl.TLSVersion
) -> None:
    hosts = ("other.example", "*.example.org", "10.0.0.1")
    certificate = server_certificate(ca, tmp_path, hosts=hosts)
    with faulty(polite, certificate, server_context(version)) as server:
        error = failure(url(server.port), small, ca=str(ca.cert), **adapter)
    assert "another name" in error.detail
    assert error.detail.endswith("; it is for other.example, *.example.org, 10.0.0.1")


def test_of_many_names_only_some_are_shown(tmp_path: Path, small: Path, ca: Authority) -> None:
    hosts = [f"host{number}.example" for number in range(100)]
    with faulty(polite, server_certificate(ca, tmp_path, hosts=hosts)) as server:
        error = failure(url(server.port), small, ca=str(ca.cert))
    assert error.detail.endswith("host4.example and 95 more")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_missing_client_certificate_says_give_cert(
    tmp_path: Path,
    small: Path,
    ca: Authority,
    certificate: Pair,
    adapter: dict[str, Any],
    version: ssl.TLSVersion,
) -> None:
    context = server_context(version)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca.cert)
    mine = client_certificate(ca, tmp_path)
    with faulty(polite, certificate, context) as server:
        error = failure(url(server.port), small, ca=str(ca.cert), **adapter)
        assert error.kind == "tls"
        assert "give `cert`" in error.detail
        identity = {"cert": str(mine.cert), "key": str(mine.key)}
        assert send(url(server.port), small, ca=str(ca.cert), **identity, **adapter).code == 200


@pytest.mark.parametrize("rudely", [True, False])
def test_an_end_after_a_certificate_was_asked_for_says_so(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, rudely: bool
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        if rudely:
            client.reset()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_verify_locations(ca.cert)
    mine = client_certificate(ca, tmp_path)
    with faulty(script, certificate, context) as server:
        error = failure(url(server.port), small, ca=str(ca.cert))
        identity = {"cert": str(mine.cert), "key": str(mine.key)}
        with_one = failure(url(server.port), small, ca=str(ca.cert), **identity)
    assert error.kind == with_one.kind == "reset"
    assert "give `cert`" in error.detail
    assert "give `cert`" not in with_one.detail


def test_a_server_of_http_2_alone(
    small: Path, ca: Authority, certificate: Pair, adapter: dict[str, Any]
) -> None:
    def refuse(client: Conversation) -> None:
        client.read(5)
        client.send(b"\x15\x03\x03\x00\x02\x02\x78")  # the alert no_application_protocol

    def go_on(client: Conversation) -> None:
        client.send(b"\0\0\0\x04\0\0\0\0\0")
        client.read_head()

    with faulty(refuse) as server:
        error = failure(url(server.port), small, **adapter)
    assert error.kind == "tls"
    assert "speaks only HTTP/2" in error.detail
    with faulty(go_on, certificate) as server:
        error = failure(url(server.port), small, ca=str(ca.cert))
    assert error.kind == "protocol"
    assert "it is HTTP/2" in error.detail


def test_handshakes_at_the_same_time_do_not_mix(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    """Two servers, one context: what one shows is never taken for what the other shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    watch = handshake.HandshakeWatch(context)
    other = server_certificate(make_ca(tmp_path, "other"), tmp_path)
    errors = []
    with faulty(polite, certificate) as first, faulty(polite, other) as second:

        def connect(port: int) -> None:
            raw = socket.create_connection(("127.0.0.1", port))
            stream = context.wrap_socket(
                raw, server_hostname="localhost", do_handshake_on_connect=False
            )
            with (
                stream,
                pytest.raises(ssl.SSLError) as caught,
                watch.watch(stream, handshake.Shown(None, None)),
            ):
                stream.do_handshake()
            errors.append((port, caught.value))

        gevent.joinall([gevent.spawn(connect, server.port) for server in (first, second) * 4])
        issuers = {first.port: "CN=fthg ca", second.port: "CN=fthg other"}
    assert len(errors) == 8
    for port, error in errors:
        shown = handshake.shown_by(error)
        assert shown is not None
        assert issuer(shown.chain[0]) == issuers[port]


def test_bytes_that_are_no_certificate_name_nobody() -> None:
    for junk in (b"", b"\x30", b"\x30\x03\x02\x01\x03", bytes(2000)):
        assert issuer(junk) == ""
        assert names(junk) == []
