"""Client certificates as PEM, DER and PKCS#12: the server sees them, and errors say what to do."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.protocols.http.tls.settings import find_settings
from tests.servers import need
from tests.servers.certificates import Authority, Pair, client_certificate, make_ca

from ..jobs import failure, options, sender, transfer
from .identities import asking_server, issue, key_of, rsa_key, write_der, write_pkcs12


def shown(
    file: Path, ca: Authority, certificate: Pair, version: ssl.TLSVersion, **given: Any
) -> list[str]:
    """Return the names that a server sees when a file is sent."""
    with asking_server(ca, certificate, version=version) as (server, seen):
        url = f"https://localhost:{server.port}/"
        with sender(url, ca=str(ca.cert), **given) as made:
            assert made.send(transfer(file)).code == 200
    return seen


VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("passphrase", [None, "öffne dich"])
def test_pkcs12_is_shown_with_its_chain(
    tmp_path: Path,
    small: Path,
    ca: Authority,
    certificate: Pair,
    version: ssl.TLSVersion,
    passphrase: str,
) -> None:
    outer, first = issue(tmp_path / "outer", ca, is_ca=True)
    inner, second = issue(tmp_path / "inner", first, is_ca=True)
    pair, _ = issue(tmp_path / "client", second)
    given = {} if passphrase is None else {"passphrase": passphrase}
    whole = write_pkcs12(tmp_path / "whole.p12", pair, passphrase, [outer.cert, inner.cert])
    assert shown(small, ca, certificate, version, cert=str(whole), **given) == ["CN=client"]
    alone = write_pkcs12(tmp_path / "alone.p12", pair, passphrase)
    with asking_server(ca, certificate, version=version) as (server, seen):
        url = f"https://localhost:{server.port}/"
        error = failure(url, small, ca=str(ca.cert), cert=str(alone), **given)
    assert (error.kind, seen) == ("tls", [])
    assert "does not know the CA of the client certificate" in error.detail


def test_the_chain_of_a_pem_file_is_shown_and_not_carried_on_to_another_job(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    middle, signing = issue(tmp_path / "middle", ca, is_ca=True)
    pair, _ = issue(tmp_path / "client", signing)
    whole = tmp_path / "whole.pem"
    whole.write_bytes(pair.cert.read_bytes() + middle.cert.read_bytes())
    with asking_server(ca, certificate) as (server, seen):
        url, clock = f"https://localhost:{server.port}/", Clock()
        key: dict[str, Any] = {"ca": str(ca.cert), "key": str(pair.key)}
        with (
            sender(url, clock, cert=str(whole), **key) as right,
            sender(url, clock, cert=str(pair.cert), **key) as lacking,
        ):
            assert right.send(transfer(small)).code == 200
            with pytest.raises(Exception, match="does not know the CA"):
                lacking.send(transfer(small))
    assert seen == ["CN=client"]


@pytest.mark.parametrize("kind", ["elliptic", "rsa"])
def test_der_needs_no_conversion(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair, kind: str
) -> None:
    pair, _ = issue(tmp_path / "client", ca, key=rsa_key() if kind == "rsa" else None)
    binary = write_der(pair)
    given = {"cert": str(binary.cert), "key": str(binary.key)}
    assert shown(small, ca, certificate, VERSIONS[1], **given) == ["CN=client"]


def test_certificate_and_key_may_come_from_different_kinds_of_files(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    pair = client_certificate(ca, tmp_path, passphrase="secret")
    plain, _ = issue(tmp_path / "plain", ca)
    bundle = write_pkcs12(tmp_path / "x.p12", plain, "secret")
    for given in (
        {"cert": str(plain.cert), "key": str(bundle), "passphrase": "secret"},
        {"cert": str(bundle), "key": str(plain.key), "passphrase": "secret"},
        {"cert": str(bundle), "key": str(bundle), "passphrase": "secret"},
        {"cert": str(pair.cert), "key": str(pair.key), "passphrase": "secret"},
    ):
        assert len(shown(small, ca, certificate, VERSIONS[1], **given)) == 1


def test_a_passphrase_is_only_for_what_is_encrypted(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    bundle, key = write_pkcs12(tmp_path / "x.p12", pair, "secret"), write_der(pair).key
    given = {"cert": str(bundle), "key": str(key), "passphrase": "secret"}
    assert shown(small, ca, certificate, VERSIONS[1], **given) == ["CN=client"]


def test_an_encrypted_key_in_der_is_opened_or_says_what_it_lacks(
    tmp_path: Path, small: Path, ca: Authority, certificate: Pair
) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    locked = tmp_path / "locked.der"
    encryption = serialization.BestAvailableEncryption(b"secret")
    form = serialization.PrivateFormat.PKCS8
    locked.write_bytes(key_of(pair).private_bytes(serialization.Encoding.DER, form, encryption))
    given = {"cert": str(pair.cert), "key": str(locked)}
    assert shown(small, ca, certificate, VERSIONS[1], passphrase="secret", **given) == ["CN=client"]
    assert refusal(**given) == f"key: {locked}: it is encrypted; give its `passphrase`"
    wrong = refusal(passphrase="wrong", **given)
    assert wrong == f"passphrase: {locked}: the passphrase does not open this key"


def refusal(**given: str) -> str:
    with pytest.raises(StartError) as caught:
        find_settings(options("https://localhost/", **given), Clock())
    return str(caught.value)


def test_what_cannot_be_opened_is_named(tmp_path: Path, ca: Authority) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    locked = write_pkcs12(tmp_path / "locked.p12", pair, "right")
    broken = tmp_path / "broken.p12"
    broken.write_bytes(locked.read_bytes()[:-40])
    wrong = refusal(cert=str(locked), passphrase="wrong-one")
    assert wrong.startswith(f"passphrase: {locked}: the passphrase does not open this PKCS#12")
    assert "wrong-one" not in wrong
    assert "give its `passphrase`" in refusal(cert=str(locked))
    assert "PKCS#12" in refusal(cert=str(broken), passphrase="right")
    assert refusal(ca=str(locked)).startswith(f"ca: {locked}: it is PKCS#12, not PEM")
    other = write_pkcs12(tmp_path / "other.p12", issue(tmp_path / "other", ca)[0])
    mixed = refusal(cert=str(locked), key=str(other), passphrase="right")
    assert "does not belong to the certificate" in mixed or "does not open" in mixed


def test_a_pkcs12_file_without_a_key(tmp_path: Path, ca: Authority) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    path = tmp_path / "no key.p12"
    command = [need("openssl"), "pkcs12", "-export", "-nokeys", "-in", str(pair.cert)]
    subprocess.run([*command, "-out", str(path), "-passout", "pass:x"], check=True)
    assert "it holds no" in refusal(cert=str(path), passphrase="x")


_OPEN = """
import sys
from fthg.protocols.http.tls.identity import Identity
from fthg.protocols.http.tls.files import TlsFile
file = TlsFile("cert", sys.argv[1], (), open(sys.argv[1], "rb").read())
print(Identity(file, file, "x").certificate.subject.rfc4514_string())
"""


def test_old_encryption_is_opened_or_the_command_that_converts_it_is_named(
    tmp_path: Path, ca: Authority
) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    path = tmp_path / "old.p12"
    command = [need("openssl"), "pkcs12", "-export", "-legacy"]
    command += ["-in", str(pair.cert), "-inkey", str(pair.key)]
    subprocess.run([*command, "-out", str(path), "-passout", "pass:x"], check=True)
    for without in ("", "1"):
        environment = {**os.environ, "CRYPTOGRAPHY_OPENSSL_NO_LEGACY": without}
        done = subprocess.run(
            [sys.executable, "-c", _OPEN, str(path)],
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            text=True,
            check=False,
        )
        opened = done.stdout == "CN=client\n"
        assert opened or f"openssl pkcs12 -legacy -in {path} -out {path}.pem" in done.stderr


def test_a_certificate_that_is_too_weak_says_so(tmp_path: Path) -> None:
    pair, _ = issue(tmp_path / "client", make_ca(tmp_path, "weak"), key=rsa_key(1024))
    assert "too weak for this host's crypto policy" in refusal(
        cert=str(pair.cert), key=str(pair.key)
    )


def test_nothing_of_a_certificate_is_left_on_disk_or_open(tmp_path: Path, ca: Authority) -> None:
    pair, _ = issue(tmp_path / "client", ca)
    bundle = write_pkcs12(tmp_path / "client.p12", pair, "x")
    before = sorted(os.listdir(tmp_path)), len(os.listdir("/proc/self/fd"))
    find_settings(options("https://localhost/", cert=str(bundle), passphrase="x"), Clock())
    assert (sorted(os.listdir(tmp_path)), len(os.listdir("/proc/self/fd"))) == before
