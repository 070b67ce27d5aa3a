"""Loads private keys of every usual form for paramiko."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import Any, Optional

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from ...errors import StartError

_FORMS: Mapping[type, type[paramiko.PKey]] = {
    ed25519.Ed25519PrivateKey: paramiko.Ed25519Key,
    ec.EllipticCurvePrivateKey: paramiko.ECDSAKey,
    rsa.RSAPrivateKey: paramiko.RSAKey,
}
_OTHER_FILES: Mapping[bytes, str] = {
    b"PuTTY-User-Key-File": "is a PuTTY key; convert it with: puttygen KEY -O private-openssh",
    b"ssh-": "is a public key; name the private one, mostly the same name without .pub",
    b"ecdsa-sha2-": "is a public key; name the private one, mostly the same name without .pub",
    b"-----BEGIN CERTIFICATE": "is a certificate; give an SSH private key",
    b"-----BEGIN PUBLIC": "is a public key; give the private one",
    b"---- BEGIN SSH2": "is a key in the form of RFC 4716; convert it with: ssh-keygen -i",
}


def load(path: str, passphrase: Optional[str]) -> paramiko.PKey:
    """Load the private key in a file; StartError has the reason and a remedy."""
    data = _read(path)
    for start, reason in _OTHER_FILES.items():
        if data.startswith(start):
            raise _unusable(path, reason)
    key = _decode(path, data, passphrase)
    form = next((form for kind, form in _FORMS.items() if isinstance(key, kind)), None)
    if form is None:
        raise _unusable(path, "is of an unsupported type; use ed25519, ecdsa or rsa")
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    made = form.from_private_key(io.StringIO(plain.decode()))
    _add_certificate(made, path)
    return made


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20).lstrip()
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}") from None


def _decode(path: str, data: bytes, passphrase: Optional[str]) -> Any:
    read: Any = load_ssh_private_key if b"BEGIN OPENSSH" in data[:80] else load_pem_private_key
    secret = passphrase.encode() if passphrase else None
    try:
        return read(data, secret)
    except TypeError:
        if secret is None:
            raise _unusable(path, "is encrypted; give its passphrase, or use an agent") from None
        return read(data, None)  # it is not encrypted at all, which ssh accepts too
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _unusable(path, _reason(data, secret, error)) from None


def _reason(data: bytes, secret: Optional[bytes], error: Exception) -> str:
    if isinstance(error, UnsupportedAlgorithm):
        return f"is of an unsupported type ({error}); use ed25519, ecdsa or rsa"
    if secret is None:
        if b"ENCRYPTED" in data or "assword" in str(error):
            return "is encrypted; give its passphrase, or use an agent"
        return "is not a private key in OpenSSH or PEM form"
    return "cannot be decrypted: the passphrase is wrong, or the file is damaged"


def _add_certificate(key: paramiko.PKey, path: str) -> None:
    """Add the certificate beside the key, if there is one, as ssh does."""
    certificate = f"{path}-cert.pub"
    if os.path.exists(certificate):
        try:
            key.load_certificate(certificate)
        except Exception as error:  # noqa: BLE001 - paramiko raises of every kind here
            raise _unusable(certificate, f"is no certificate of that key: {error}") from None


def _unusable(path: str, reason: str) -> StartError:
    return StartError(f"key: {path} {reason}")
