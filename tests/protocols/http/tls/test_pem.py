"""Files that are given as PEM and are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import Clock
from fthg.errors import StartError
from fthg.protocols.http.tls.pem import is_der, is_pkcs12, remedy_for_der
from fthg.protocols.http.tls.settings import find_settings
from tests.servers.certificates import Authority

from ..jobs import options


def test_an_authority_in_der_is_named_with_the_command_that_converts_it(
    tmp_path: Path, ca: Authority
) -> None:
    binary = tmp_path / "my ca.der"
    certificate = x509.load_pem_x509_certificate(ca.cert.read_bytes())
    binary.write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    with pytest.raises(StartError) as caught:
        find_settings(options("https://localhost/", ca=str(binary)), Clock())
    assert f"openssl x509 -inform DER -in '{binary}'" in str(caught.value)


def test_pkcs12_is_told_by_its_version_whatever_the_form_of_its_length() -> None:
    for length in ("10", "8110", "820010", "80"):
        content = bytes.fromhex(f"30{length}020103") + bytes(16)
        assert is_der(content)
        assert is_pkcs12(content)
        assert "openssl pkcs12" in remedy_for_der(content, "x.p12")


@given(st.binary())
def test_any_bytes_have_a_remedy_only_if_they_are_der(content: bytes) -> None:
    assert bool(remedy_for_der(content, "x")) == is_der(content)
    assert not is_pkcs12(content) or is_der(content)
