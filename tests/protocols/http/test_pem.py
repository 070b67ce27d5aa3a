"""Files that are given as PEM and are not."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from fthg.errors import StartError
from fthg.protocols.http.tls import make_context
from tests.servers.certificates import Authority, client_certificate

from .jobs import options


def refusal(**given: str) -> str:
    with pytest.raises(StartError) as caught:
        make_context(options("https://localhost/", **given))
    return str(caught.value)


def written(directory: Path, ca: Authority) -> tuple[Path, Path]:
    """Write a certificate with its key as PKCS#12, and alone as DER; the name has a space."""
    pair = client_certificate(ca, directory)
    certificate = x509.load_pem_x509_certificate(pair.cert.read_bytes())
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    bundle, binary = directory / "my bundle.p12", directory / "client.der"
    encryption = serialization.NoEncryption()
    bundle.write_bytes(
        pkcs12.serialize_key_and_certificates(b"me", key, certificate, None, encryption)  # type: ignore[arg-type]
    )
    binary.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    return bundle, binary


def test_pkcs12_and_der_are_named_with_the_command_that_converts_them(
    tmp_path: Path, ca: Authority
) -> None:
    bundle, binary = written(tmp_path, ca)
    for given in (
        {"cert": str(bundle)},
        {"cert": str(ca.cert), "key": str(bundle)},
        {"ca": str(bundle)},
    ):
        assert f"it is PKCS#12, not PEM; convert it: openssl pkcs12 -in '{bundle}'" in refusal(
            **given
        )
    for given in ({"cert": str(binary)}, {"ca": str(binary)}):
        assert "openssl x509 -inform DER" in refusal(**given)


def test_the_command_makes_a_file_that_can_be_given(tmp_path: Path, ca: Authority) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    bundle, _ = written(tmp_path, ca)
    command = refusal(cert=str(bundle)).partition("convert it: ")[2].partition(", and give")[0]
    subprocess.run([*command.split(" -in ")[0].split(), "-in", str(bundle), "-out",
                    f"{bundle}.pem", "-nodes", "-passin", "pass:"], check=True)  # fmt: skip
    assert isinstance(
        make_context(options("https://localhost/", cert=f"{bundle}.pem")), ssl.SSLContext
    )
