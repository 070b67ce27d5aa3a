"""TLS servers that are old or odd: what curl reaches is reached, else the error says why."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.servers import free_port, need
from tests.servers.certificates import Authority, Pair, server_certificate
from tests.servers.faulty import Conversation, faulty
from tests.servers.web_store import listening

from ..jobs import failure, send
from ..ways import way
from .identities import issue, rsa_key


@contextmanager
def s_server(directory: Path, pair: Pair, *words: str) -> Iterator[str]:
    """Run OpenSSL's test server, which answers each request; return its URL."""
    port = free_port()
    command = [need("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-www", "-quiet"]
    command += ["-cert", str(pair.cert), "-key", str(pair.key), *words]
    with listening(command, port, directory / "log"):
        yield f"https://localhost:{port}/"


def curl(url: str, ca: Authority, *words: str) -> bool:
    """Return whether curl gets an answer."""
    command = [need("curl"), "-sS", "-m", "5", "-o", "/dev/null", "--cacert", str(ca.cert)]
    command += [*words, url]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def rsa_server(directory: Path, ca: Authority) -> Pair:
    """Return the certificate of a server without a name, which is not verified."""
    return issue(directory / "rsa", ca, key=rsa_key())[0]


@pytest.mark.parametrize(
    "words",
    [
        ["-tls1_2", "-cipher", "AES256-GCM-SHA384"],
        ["-tls1_2", "-cipher", "AES256-SHA"],
        ["-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA"],
        ["-tls1_2", "-cipher", "DHE-RSA-AES256-SHA256"],
    ],
    ids=lambda words: words[-1],
)
def test_a_server_that_has_only_old_ciphers_of_tls_1_2(
    tmp_path: Path, small: Path, ca: Authority, words: Sequence[str]
) -> None:
    with s_server(tmp_path, rsa_server(tmp_path, ca), *words) as url:
        assert send(url, small, method="GET", verify=False).code == 200


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_a_server_that_has_only_old_versions_is_refused_in_words_as_by_curl(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, version: str
) -> None:
    words = [version, "-cipher", "ALL:@SECLEVEL=0"]
    with s_server(tmp_path, certificate, *words) as url:
        error = failure(url, small, method="GET", ca=str(ca.cert))
        assert not curl(url, ca)
    assert error.kind == "tls"
    assert "no TLS version that both sides accept" in error.detail


def test_a_server_that_speaks_only_http_2(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    with s_server(tmp_path, certificate, "-alpn", "h2") as url:
        error = failure(url, small, ca=str(ca.cert))
    assert error.kind == "tls"
    assert "speaks only HTTP/2 here (or another protocol than HTTP/1.1)" in error.detail
    assert "which fthg does not" in error.detail


def test_a_key_that_is_too_short_says_so(tmp_path: Path, small: Path, ca: Authority) -> None:
    weak, _ = issue(tmp_path / "weak", ca, key=rsa_key(1024))
    with s_server(tmp_path, weak, "-cipher", "ALL:@SECLEVEL=0") as url:
        error = failure(url, small, ca=str(ca.cert))
    assert error.kind == "tls"
    assert "too short for this host's crypto policy" in error.detail


def answering(client: Conversation) -> None:
    while client.read_request():
        client.answer()


def test_a_server_without_secure_renegotiation_says_so(small: Path) -> None:
    hello = bytes.fromhex(
        "160303002a020000260303" + "00" * 32 + "00" + "c02f" + "00"  # no extensions at all
    )

    def script(client: Conversation) -> None:
        client.read(5)
        client.send(hello)
        client.hang()

    with faulty(script) as server:
        error = failure(f"https://localhost:{server.port}/", small, verify=False)
    assert error.kind == "tls"
    assert "lacks secure renegotiation" in error.detail


def test_what_is_given_as_ca_is_trusted_though_it_is_no_root_as_by_curl(
    tmp_path: Path, small: Path, ca: Authority
) -> None:
    middle, signing = issue(tmp_path / "middle", ca, is_ca=True)
    leaf = server_certificate(signing, tmp_path)
    chain = tmp_path / "chain.pem"
    chain.write_bytes(leaf.cert.read_bytes() + middle.cert.read_bytes())
    for shown in (leaf.cert, chain):
        with faulty(answering, Pair(shown, leaf.key)) as server:
            url = f"https://localhost:{server.port}/"
            for trusted in (middle.cert, leaf.cert):
                assert send(url, small, ca=str(trusted)).code == 200
                assert curl(url, ca._replace(cert=trusted))
            reached = shown is chain  # else the certificate between them is missing
            assert curl(url, ca) == reached
            if not reached:
                assert "unknown CA" in failure(url, small, ca=str(ca.cert)).detail


@pytest.mark.parametrize(
    ("host", "name", "reached"),
    [
        ("LOCALHOST", "localhost", True),
        ("a.example.com.", "a.example.com", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("[fd00::a]", "fd00::a", True),
        ("a.example.com", "*.example.com", True),
        ("a.example.com.", "*.example.com", True),
        ("b.a.example.com", "*.example.com", False),
        ("example.com", "*.example.com", False),
        ("a_b.example.com", "*.example.com", True),
        ("a_b.example.com", "a_b.example.com", True),
        ("a_b.c.example.com", "*.example.com", False),
        ("a_b.example.com", "c_d.example.com", False),
    ],
)
def test_names_are_compared_as_curl_does(
    tmp_path: Path, small: Path, ca: Authority, host: str, name: str, reached: bool
) -> None:
    certificate = server_certificate(ca, tmp_path, hosts=(name,))
    shown: list[Any] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: shown.append(name)
    with (
        faulty(answering, certificate, context) as server,
        way("tunnel", str(ca.cert), certificate) as tunnel,  # it leads to this host in any case
    ):
        url = f"https://{host}:{server.port}/"
        if reached:
            assert send(url, small, **tunnel.options).code == 200
        else:
            assert "another name" in failure(url, small, **tunnel.options).detail
        assert curl(url, ca, "-x", tunnel.options["proxy"]) == reached
    names_an_address = host.endswith(("1", "]"))
    assert shown == [None if names_an_address else host.lower().rstrip(".")] * len(shown)
    assert shown
