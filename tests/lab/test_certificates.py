from __future__ import annotations

import ssl
from datetime import datetime, timezone
from pathlib import Path

import pytest

from fthg.lab.certificates import Pair, make_ca, make_certificates, server_certificate

NOW = datetime.now(timezone.utc).replace(tzinfo=None)


def handshake(ca: Path, server: Pair, *, strict: bool = True) -> None:
    """Verify a server's certificate as a client does, in memory."""
    accepting = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    accepting.load_cert_chain(server.cert, server.key)
    connecting = ssl.create_default_context(cafile=str(ca))
    if strict:
        connecting.verify_flags |= ssl.VERIFY_X509_STRICT
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = connecting.wrap_bio(back, there, server_hostname="localhost")
    answering = accepting.wrap_bio(there, back, server_side=True)
    for end in (client, answering, client):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


def test_certificates_pass_the_strict_verification(tmp_path: Path) -> None:
    made = make_certificates(tmp_path, NOW)
    handshake(made.ca, made.server)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ca.pem", "client.key", "client.pem", "server.key", "server.pem",
    ]  # fmt: skip
    assert made.server.key.stat().st_mode & 0o777 == 0o600


def test_an_expired_one_is_refused(tmp_path: Path) -> None:
    ca = make_ca(tmp_path, NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        handshake(ca.cert, server_certificate(ca, tmp_path, expired=True))


def test_one_of_another_authority_is_refused(tmp_path: Path) -> None:
    made, other = make_certificates(tmp_path, NOW), make_ca(tmp_path, NOW, "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(other.cert, made.server)


def test_one_that_is_not_strict_passes_the_usual_verification(tmp_path: Path) -> None:
    ca = make_ca(tmp_path, NOW, strict=False)
    handshake(ca.cert, server_certificate(ca, tmp_path), strict=False)
