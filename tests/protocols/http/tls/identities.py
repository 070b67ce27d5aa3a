"""Client certificates in all their forms, and a server that notes which one was shown."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.servers.certificates import Authority, Pair
from tests.servers.faulty import Conversation, Faulty, faulty

PEM = serialization.Encoding.PEM
_DAY = timedelta(days=1)


def issue(
    path: Path,
    ca: Authority,
    *,
    key: Any = None,
    life: tuple[timedelta, timedelta] = (-_DAY, _DAY),
    is_ca: bool = False,
    names: Optional[x509.SubjectAlternativeName] = None,
) -> tuple[Pair, Authority]:
    """Write a certificate that the CA signs, and its key; return it also as a CA of its own."""
    now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, path.name)])
    builder = (
        x509.CertificateBuilder(ca.name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + life[0])
        .not_valid_after(now + life[1])
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    made = builder.sign(ca.key, hashes.SHA256())
    pair = Pair(path.with_name(f"{path.name}.pem"), path.with_name(f"{path.name}.key"))
    pair.cert.write_bytes(made.public_bytes(PEM))
    pair.key.write_bytes(_bytes(key, PEM))
    return pair, Authority(pair.cert, key, name, now, strict=False)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return a new key that is not elliptic."""
    return rsa.generate_private_key(65537, bits)


def _bytes(key: Any, encoding: serialization.Encoding) -> bytes:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    data: bytes = key.private_bytes(encoding, form, plain)
    return data


def certificate_of(pair: Pair) -> x509.Certificate:
    """Return the certificate of a pair."""
    return x509.load_pem_x509_certificate(pair.cert.read_bytes())


def key_of(pair: Pair) -> Any:
    """Return the key of a pair."""
    return serialization.load_pem_private_key(pair.key.read_bytes(), None)


def write_pkcs12(
    path: Path, pair: Pair, passphrase: Optional[str] = None, chain: Sequence[Path] = ()
) -> Path:
    """Write certificate, key and the certificates of a chain as PKCS#12."""
    others = [x509.load_pem_x509_certificate(one.read_bytes()) for one in chain]
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"me", key_of(pair), certificate_of(pair), others, encryption
        )
    )
    return path


def write_der(pair: Pair) -> Pair:
    """Write certificate and key as DER beside the others."""
    made = Pair(pair.cert.with_suffix(".der"), pair.key.with_suffix(".key.der"))
    made.cert.write_bytes(certificate_of(pair).public_bytes(serialization.Encoding.DER))
    made.key.write_bytes(_bytes(key_of(pair), serialization.Encoding.DER))
    return made


@contextmanager
def asking_server(
    ca: Authority, certificate: Pair, *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> Iterator[tuple[Faulty, list[str]]]:
    """Run a server that demands a client certificate; it notes its name at each request."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(ca.cert)
    seen: list[str] = []

    def script(client: Conversation) -> None:
        while client.read_request():
            shown = x509.load_der_x509_certificate(client.client_certificate())
            seen.append(shown.subject.rfc4514_string())
            client.answer()

    with faulty(script, certificate, context) as server:
        yield server, seen
