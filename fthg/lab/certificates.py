"""Throw-away certificates and SSH keys, made new for each lab."""

from __future__ import annotations

import datetime
import ipaddress
import os
from typing import NamedTuple, Optional

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = datetime.timedelta(days=30)


class Certificates(NamedTuple):
    """Paths of PEM files: an authority, and what it has signed."""

    ca: str
    server: str
    server_key: str
    client: str
    client_key: str


class SshKeys(NamedTuple):
    """Paths of OpenSSH key files: the server's, and the one that may log in."""

    host: str
    user: str
    user_public: str


class _Identity(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_certificates(directory: str, now: datetime.datetime) -> Certificates:
    """Write an authority, a certificate for localhost and one for a client; `now` is UTC."""
    ca = _issue("fthg lab CA", now, None)
    server = _issue("localhost", now, ca, ExtendedKeyUsageOID.SERVER_AUTH)
    client = _issue("fthg lab client", now, ca, ExtendedKeyUsageOID.CLIENT_AUTH)
    paths = Certificates(
        *(
            os.path.join(directory, name)
            for name in ("ca.pem", "server.pem", "server.key", "client.pem", "client.key")
        )
    )
    pem = serialization.Encoding.PEM
    _write(paths.ca, ca.certificate.public_bytes(pem))
    for identity, path, key_path in (
        (server, paths.server, paths.server_key),
        (client, paths.client, paths.client_key),
    ):
        _write(path, identity.certificate.public_bytes(pem))
        _write(key_path, _private_pem(identity.key, serialization.PrivateFormat.PKCS8))
    return paths


def make_ssh_keys(directory: str) -> SshKeys:
    """Write a host key and a user's key, both ed25519, and the public part of the user's."""
    host = os.path.join(directory, "ssh_host_ed25519_key")
    user = os.path.join(directory, "id_ed25519")
    for path in (host, user):
        key = ed25519.Ed25519PrivateKey.generate()
        _write(path, _private_pem(key, serialization.PrivateFormat.OpenSSH))
        public = key.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        _write(path + ".pub", public + b"\n")
    return SshKeys(host, user, user + ".pub")


def _issue(
    common_name: str,
    now: datetime.datetime,
    issuer: Optional[_Identity],
    usage: Optional[x509.ObjectIdentifier] = None,
) -> _Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    signer = issuer.key if issuer else key
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(_key_usage(is_ca=issuer is None), critical=True)
    )
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if usage == ExtendedKeyUsageOID.SERVER_AUTH:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
    return _Identity(builder.sign(signer, hashes.SHA256()), key)


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


def _private_pem(
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    form: serialization.PrivateFormat,
) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: str, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
