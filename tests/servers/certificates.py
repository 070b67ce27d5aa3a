"""Throw-away certificates: a CA, and what it signs, as PEM files."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Pair(NamedTuple):
    """A certificate and its key, each a PEM file."""

    cert: Path
    key: Path


class Authority(NamedTuple):
    """A CA that signs."""

    cert: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name


def make_ca(directory: Path, name: str = "ca") -> Authority:
    """A CA with its certificate in `directory`."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), _name(f"fthg test {name}")
    builder = _builder(subject, subject, key, expired=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    path = directory / f"{name}.pem"
    _write(path, builder.sign(key, hashes.SHA256()))
    return Authority(path, key, subject)


def server_certificate(
    ca: Authority,
    directory: Path,
    name: str = "server",
    hosts: Sequence[str] = ("localhost", "127.0.0.1"),
    *,
    expired: bool = False,
) -> Pair:
    """A certificate for a server that is known by these names and addresses."""
    return _issue(ca, directory, name, hosts, ExtendedKeyUsageOID.SERVER_AUTH, expired, None)


def client_certificate(
    ca: Authority,
    directory: Path,
    name: str = "client",
    *,
    expired: bool = False,
    passphrase: Optional[str] = None,
) -> Pair:
    """A certificate for a client; with a passphrase its key is encrypted."""
    return _issue(ca, directory, name, (), ExtendedKeyUsageOID.CLIENT_AUTH, expired, passphrase)


def _issue(
    ca: Authority,
    directory: Path,
    name: str,
    hosts: Sequence[str],
    usage: x509.ObjectIdentifier,
    expired: bool,
    passphrase: Optional[str],
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(name), ca.name, key, expired).add_extension(
        x509.ExtendedKeyUsage([usage]), critical=False
    )
    if hosts:
        names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    pair = Pair(directory / f"{name}.pem", directory / f"{name}.key")
    _write(pair.cert, builder.sign(ca.key, hashes.SHA256()))
    pair.key.write_bytes(_private(key, passphrase))
    pair.key.chmod(0o600)
    return pair


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, expired: bool
) -> x509.CertificateBuilder:
    begin = datetime(2001, 1, 1) if expired else datetime.now() - timedelta(days=2)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=30))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _private(key: ec.EllipticCurvePrivateKey, passphrase: Optional[str]) -> bytes:
    hidden: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        hidden = serialization.BestAvailableEncryption(passphrase.encode())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, hidden)


def _write(path: Path, certificate: x509.Certificate) -> None:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
