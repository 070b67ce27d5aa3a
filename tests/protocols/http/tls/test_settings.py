"""TLS as a network engineer meets it."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import gevent
import pytest
from gevent.event import Event

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.load.files.source import Source
from fthg.load.pacing.maximum import Maximum
from fthg.load.plan import Job, Plan
from fthg.load.planning import make_senders
from fthg.protocols.http import HttpSender
from fthg.protocols.http.options import HttpOptions
from tests.servers import free_port, need, wait_until_it_listens
from tests.servers.certificates import (
    Authority,
    Pair,
    client_certificate,
    make_ca,
    server_certificate,
)
from tests.servers.faulty import Conversation, faulty
from tests.servers.nginx import Nginx, nginx

from ..jobs import failed, failure, options, send, sender, transfer


def polite(client: Conversation) -> None:
    while client.read_request():
        client.answer()


def secure_url(port: int, host: str = "localhost") -> str:
    return f"https://{host}:{port}/"


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate_is_accepted(
    tmp_path: Path,
    small: Path,
    ca: Authority,
    certificate: Pair,
    adapter: dict[str, Any],
    version: str,
) -> None:
    client = client_certificate(ca, tmp_path, passphrase="opensesame")
    directory = tmp_path / "nginx"
    with nginx(directory, certificate, protocols=version, client_ca=ca.cert) as server:
        identity = {"cert": str(client.cert), "key": str(client.key), "passphrase": "opensesame"}
        url = f"{server.url}/{{filename}}"
        sent = send(url, small, method="PUT", ca=str(ca.cert), **identity, **adapter)
        assert sent.code == 201
        assert server.stored("order.xml") == b"<order/>"
        refused = failure(url, small, method="PUT", ca=str(ca.cert), **adapter)
        lines = server.log("/", 2)
    assert (refused.kind, refused.code) == ("status", 400)  # nginx says it in HTTP
    assert "No required SSL certificate" in refused.detail
    assert lines[0][5] == version
    assert lines[0][7] == "CN=client"


def test_a_server_that_insists_on_a_client_certificate_in_the_handshake(
    small: Path, ca: Authority, certificate: Pair, adapter: dict[str, Any]
) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = version
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca.cert)
        with faulty(polite, certificate, context) as server:
            error = failure(secure_url(server.port), small, ca=str(ca.cert), **adapter)
        assert error.kind == "tls"
        assert "client certificate" in error.detail


def test_an_unknown_ca(small: Path, certificate: Pair, adapter: dict[str, Any]) -> None:
    with faulty(polite, certificate) as server:
        error = failure(secure_url(server.port), small, **adapter)
    assert error.kind == "tls"
    assert "unknown CA" in error.detail
    assert "`ca`" in error.detail
    assert error.sent == 0


def test_a_wrong_name(tmp_path: Path, small: Path, ca: Authority, adapter: dict[str, Any]) -> None:
    other = server_certificate(ca, tmp_path, hosts=("other.example",))
    with faulty(polite, other) as server:
        for host in ("localhost", "127.0.0.1"):
            error = failure(secure_url(server.port, host), small, ca=str(ca.cert), **adapter)
            assert error.kind == "tls"
            assert "another name" in error.detail
            assert host in error.detail


def test_an_expired_certificate(
    tmp_path: Path, small: Path, ca: Authority, adapter: dict[str, Any]
) -> None:
    old = server_certificate(ca, tmp_path, expired=True)
    with faulty(polite, old) as server:
        error = failure(secure_url(server.port), small, ca=str(ca.cert), **adapter)
    assert error.kind == "tls"
    assert "has expired" in error.detail
    assert f"localhost port {server.port}" in error.detail


def test_a_server_without_tls(small: Path, adapter: dict[str, Any]) -> None:
    def script(client: Conversation) -> None:
        client.read(1)
        client.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with faulty(script) as server:
        error = failure(secure_url(server.port), small, **adapter)
    assert error.kind == "tls"
    assert "http://" in error.detail


def test_a_server_that_closes_in_the_handshake(small: Path, adapter: dict[str, Any]) -> None:
    def script(client: Conversation) -> None:
        client.read(10)

    with faulty(script) as server:
        assert failure(secure_url(server.port), small, **adapter).kind == "reset"


def test_a_handshake_that_hangs_costs_connect_timeout(small: Path, adapter: dict[str, Any]) -> None:
    with faulty(Conversation.hang) as server:
        error = failure(secure_url(server.port), small, connect_timeout=0.3, **adapter)
    assert error.kind == "connect_timeout"
    assert "handshake" in error.detail
    assert error.phases["handshaking"] > 0.1


def test_without_verification_all_is_accepted_and_transfers_log_no_warning(
    tmp_path: Path,
    small: Path,
    ca: Authority,
    adapter: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    bad = server_certificate(ca, tmp_path, hosts=("other.example",), expired=True)
    caplog.set_level(logging.WARNING, "fthg")
    with (
        faulty(polite, bad) as server,
        sender(secure_url(server.port), verify="false", **adapter) as made,
    ):
        for seq in range(3):
            assert made.send(transfer(small, seq=seq)).code == 200
    assert not caplog.records  # the job has logged it, once


def test_the_log_names_version_cipher_and_subject(
    secure: Nginx, ca: Authority, small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "fthg"):
        send(f"{secure.url}/logged", small, method="PUT", ca=str(ca.cert))
    fields = next(vars(record)["fields"] for record in caplog.records if record.msg == "TLS")
    assert fields["version"] == "TLSv1.3"
    assert "AES" in fields["cipher"] or "CHACHA" in fields["cipher"]
    assert fields["subject"] == "CN=server"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_connection_in_tls_is_reused_and_replaced_when_stale(
    small: Path, ca: Authority, certificate: Pair, version: ssl.TLSVersion
) -> None:
    def script(client: Conversation) -> None:
        for _ in range(2):
            client.read_request()
            client.answer()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    with (
        faulty(script, certificate, context) as server,
        sender(secure_url(server.port), ca=str(ca.cert)) as made,
    ):
        for seq in range(4):
            made.send(transfer(small, seq=seq))
            gevent.sleep(0.05)
    assert server.connections == 2
    assert len(server.heard) == 4


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("politely", [True, False], ids=["close_notify", "another answer"])
def test_what_comes_together_with_an_answer_makes_the_connection_stale(
    small: Path, ca: Authority, certificate: Pair, version: ssl.TLSVersion, politely: bool
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        with client.held_back():
            client.answer()
            if politely:
                client.take_leave()  # and waits for the client to do so, too
            else:
                client.answer("500 Not Yours")
        client.read_request()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    with (
        faulty(script, certificate, context) as server,
        sender(secure_url(server.port), ca=str(ca.cert)) as made,
    ):
        for seq in range(2):
            assert made.send(transfer(small, seq=seq)).code == 200
            gevent.sleep(0.3)
    assert server.connections == 2
    assert len(server.heard) == 2


@pytest.mark.parametrize("politely", [True, False])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nServer: x\r\n"])
def test_an_end_in_place_of_an_answer_is_a_reset(
    small: Path,
    ca: Authority,
    certificate: Pair,
    adapter: dict[str, Any],
    politely: bool,
    begun: bytes,
) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(begun)
        if politely:
            client.take_leave()

    with faulty(script, certificate) as server:
        error = failure(secure_url(server.port), small, ca=str(ca.cert), **adapter)
    assert error.kind == "reset"


def test_an_early_answer_in_tls(large: Path, ca: Authority, certificate: Pair) -> None:
    def script(client: Conversation) -> None:
        client.read_head()
        client.answer("413 Too Large")
        client.hang()

    with faulty(script, certificate) as server:
        error = failure(secure_url(server.port), large, ca=str(ca.cert), timeout=10.0)
    assert (error.kind, error.code) == ("status", 413)


def test_an_early_answer_in_tls_is_read_though_the_server_takes_no_more(
    tmp_path: Path, ca: Authority, certificate: Pair
) -> None:
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(30 << 20)  # the kernel holds less of it, whatever its buffers

    def script(client: Conversation) -> None:
        client.read_head()
        gevent.sleep(0.5)  # by then the kernel takes no more of the body
        client.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\n\r\n")
        gevent.sleep(0.2)
        client.send(b"length")
        client.hang()

    began = time.process_time()
    with faulty(script, certificate) as server:
        error = failure(secure_url(server.port), huge, ca=str(ca.cert), timeout=10.0)
    assert (error.kind, error.code) == ("status", 413)
    assert error.detail.endswith("length")
    assert time.process_time() - began < 0.5, "it did not wait, but tried again and again"


def test_a_new_handshake_amid_a_body_costs_no_time_of_the_processor(
    tmp_path: Path, ca: Authority, certificate: Pair
) -> None:
    huge = tmp_path / "huge.bin"
    with huge.open("wb") as file:
        file.truncate(30 << 20)  # the kernel holds less of it, whatever its buffers
    port, log = free_port(), tmp_path / "log"
    command = [need("openssl"), "s_server", "-tls1_2", "-accept", f"127.0.0.1:{port}"]
    command += ["-cert", str(certificate.cert), "-key", str(certificate.key)]
    asked = Event()

    def forward(far: socket.socket, client: Conversation) -> None:
        while data := far.recv(65536):
            client.send(data)
            if asked.is_set():
                gevent.sleep(2)  # the server's part of the new handshake comes late

    def script(client: Conversation) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            back = gevent.spawn(forward, far, client)
            received = 0
            try:
                while data := client.receive(65536):
                    far.sendall(data)
                    received += len(data)
                    if received > 1 << 20 and not asked.is_set():
                        asked.set()
                        assert server.stdin is not None
                        server.stdin.write(b"R\n")
                        gevent.sleep(0.2)
            finally:
                back.kill()

    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdin=PIPE, stdout=DEVNULL, stderr=output, bufsize=0) as server,
    ):
        try:
            wait_until_it_listens(server, port, log)
            with faulty(script) as relay:
                began = time.process_time()
                error = failure(secure_url(relay.port), huge, ca=str(ca.cert), timeout=4.0)
                spent = time.process_time() - began
        finally:
            server.kill()
    assert (error.kind, error.sent) == ("timeout", huge.stat().st_size)
    assert asked.is_set()
    assert spent < 1, "it did not wait, but tried again and again"


def job(given: HttpOptions) -> Job:
    source = Source("d")
    return Job("orders", "https://localhost/", "https", source, Maximum(), False, 1, options=given)


def unusable(**given: Any) -> str:
    with pytest.raises(StartError) as caught:
        make_senders(Plan("r", (job(options("https://localhost/", **given)),)), Clock())
    assert str(caught.value).startswith("jobs.orders: ")
    return str(caught.value)


def test_unusable_certificates_are_reported_before_the_start(tmp_path: Path, ca: Authority) -> None:
    good = client_certificate(ca, tmp_path, "good")
    other = client_certificate(ca, tmp_path, "other")
    locked = client_certificate(ca, tmp_path, "locked", passphrase="right")
    junk = tmp_path / "junk.pem"
    junk.write_text("not a certificate")
    damaged = tmp_path / "damaged.pem"
    damaged.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    absent = str(tmp_path / "absent.pem")
    cert, key = str(good.cert), str(good.key)
    for given, *words in (
        ({"ca": absent}, "ca: ", absent, "No such file"),
        ({"ca": str(junk)}, "ca: ", "junk.pem", "BEGIN CERTIFICATE"),
        ({"cert": absent, "key": key}, "cert: ", absent, "No such file"),
        ({"cert": cert, "key": absent}, "key: ", absent, "No such file"),
        ({"cert": str(junk), "key": key}, "cert: ", "junk.pem", "BEGIN CERTIFICATE"),
        ({"cert": cert, "key": str(junk)}, "key: ", "junk.pem", "BEGIN PRIVATE KEY"),
        ({"cert": cert}, "key: ", "good.pem", "holds no private key"),
        ({"cert": str(tmp_path)}, "cert: ", tmp_path.name, "Is a directory"),
        ({"cert": cert, "key": str(tmp_path)}, "key: ", tmp_path.name, "Is a directory"),
        ({"cert": cert, "key": str(other.key)}, "key: ", "other.key", "does not belong", cert),
        ({"cert": str(damaged), "key": key}, "cert: ", "damaged.pem", "damaged"),
        ({"cert": str(locked.cert), "key": str(locked.key)}, "locked.key", "`passphrase`"),
        (
            {"cert": str(locked.cert), "key": str(locked.key), "passphrase": "wrong"},
            "passphrase: ",
            "locked.key",
            "does not open",
        ),
    ):
        message = unusable(**given)
        assert all(word in message for word in words), (message, words)
        assert "wrong" not in message


def test_certificate_and_key_may_be_one_file(tmp_path: Path, ca: Authority) -> None:
    pair = client_certificate(ca, tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(pair.cert.read_bytes() + pair.key.read_bytes())
    given = options("https://localhost/", cert=str(both))
    assert list(given.conflicts()) == []
    HttpSender(given, Clock()).close()


def test_a_directory_of_cas(tmp_path: Path, small: Path, certificate: Pair, ca: Authority) -> None:
    (tmp_path / "cas").mkdir()
    with (
        faulty(polite, certificate) as server,
        sender(secure_url(server.port), ca=str(tmp_path / "cas")) as made,
    ):
        assert failed(made, transfer(small)).kind == "tls"


def test_a_client_certificate_of_a_ca_that_the_server_does_not_know(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    stranger = client_certificate(make_ca(tmp_path, "stranger"), tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca.cert)
    identity = {"cert": str(stranger.cert), "key": str(stranger.key)}
    with faulty(polite, certificate, context) as server:
        error = failure(secure_url(server.port), small, ca=str(ca.cert), **identity)
    assert error.kind == "tls"
    assert "does not know the CA of the client certificate" in error.detail
