"""Throw-away certificates: an authority and what it signs, as PEM files."""

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

from .private_files import write_private

_LIFE = timedelta(days=30)
_LONG_AGO = datetime(2001, 1, 1)


class Pair(NamedTuple):
    """A certificate and its private key, each a PEM file."""

    cert: Path
    key: Path


class Authority(NamedTuple):
    """A CA that signs certificates; they are valid from shortly before `now`, UTC without zone."""

    cert: Path
    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    now: datetime
    strict: bool  # with all that RFC 5280 demands; certificates that servers make often lack it


class Certificates(NamedTuple):
    """An authority's certificate, and a server's and a client's that it has signed."""

    ca: Path
    server: Pair
    client: Pair


def make_certificates(directory: Path, now: datetime) -> Certificates:
    """Write an authority, a certificate for localhost and one for a client; `now` is UTC."""
    ca = make_ca(directory, now)
    return Certificates(
        ca.cert, server_certificate(ca, directory), client_certificate(ca, directory)
    )


def make_ca(directory: Path, now: datetime, name: str = "ca", *, strict: bool = True) -> Authority:
    """Make an authority and write its certificate to `directory`."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), _name(f"fthg {name}")
    ca = Authority(directory / f"{name}.pem", key, subject, now, strict)
    builder = _builder(ca, subject, key, expired=False)
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    _write_certificate(ca.cert, builder.add_extension(constraints, critical=True), ca)
    return ca


def server_certificate(
    ca: Authority,
    directory: Path,
    name: str = "server",
    hosts: Sequence[str] = ("localhost", "127.0.0.1"),
    *,
    expired: bool = False,
) -> Pair:
    """Write a certificate for a server with these names and addresses."""
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    return _issue(ca, directory / name, ExtendedKeyUsageOID.SERVER_AUTH, expired, names)


def client_certificate(
    ca: Authority,
    directory: Path,
    name: str = "client",
    *,
    expired: bool = False,
    passphrase: Optional[str] = None,
) -> Pair:
    """Write a certificate for a client; with a passphrase its key is encrypted."""
    usage = ExtendedKeyUsageOID.CLIENT_AUTH
    return _issue(ca, directory / name, usage, expired, passphrase=passphrase)


def _issue(
    ca: Authority,
    path: Path,
    usage: x509.ObjectIdentifier,
    expired: bool,
    names: Optional[x509.SubjectAlternativeName] = None,
    passphrase: Optional[str] = None,
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(ca, _name(path.name), key, expired).add_extension(
        x509.ExtendedKeyUsage([usage]), critical=False
    )
    if names:
        builder = builder.add_extension(names, critical=False)
    pair = Pair(path.with_name(f"{path.name}.pem"), path.with_name(f"{path.name}.key"))
    _write_certificate(pair.cert, builder, ca)
    _write_key(pair.key, key, passphrase)
    return pair


def _builder(
    ca: Authority, subject: x509.Name, key: ec.EllipticCurvePrivateKey, expired: bool
) -> x509.CertificateBuilder:
    start = _LONG_AGO if expired else ca.now - timedelta(days=2)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _LIFE)
    )
    if not ca.strict:
        return builder
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key())
    return (
        builder.add_extension(identifier, critical=False)
        .add_extension(authority, critical=False)
        .add_extension(_key_usage(is_ca=key is ca.key), critical=True)
    )


def _key_usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write_certificate(path: Path, builder: x509.CertificateBuilder, ca: Authority) -> None:
    certificate = builder.sign(ca.key, hashes.SHA256())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey, passphrase: Optional[str]) -> None:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    data = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    write_private(path, data)
