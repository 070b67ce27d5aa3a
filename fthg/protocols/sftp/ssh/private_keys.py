"""Loads private keys of every usual form for paramiko, and their certificates."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
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

from ....errors import StartError
from ....log import Log
from ...validity import lapse
from .changing_files import ChangingFile
from .user_certificates import Certificate, parse_line

_log = Log("fthg.sftp")

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


class CertificateFile:
    """A certificate; `warned` is True after a warning that a server did not accept it."""

    def __init__(self, path: str) -> None:
        """Read it; raises StartError."""
        self.warned = False
        self._file = ChangingFile(path, _read_certificate)
        self.path = path

    @property
    def last(self) -> Certificate:
        """The one that was last read."""
        return self._file.last

    def current(self) -> Certificate:
        """Return it as it is now."""
        return self._file.current()


class PrivateKey:
    """A private key, and its certificate if it has one; both are read again when they change."""

    def __init__(self, path: str, passphrase: Optional[str], certificate: Optional[str]) -> None:
        """Read both; StartError has the reason and a remedy."""
        self._path = path
        self._file = ChangingFile(path, lambda name: _load(name, passphrase))
        self.certificate: Optional[CertificateFile] = None
        beside = f"{path}-cert.pub"
        if certificate:
            self.certificate = self._certificate_in(certificate)
        elif os.path.exists(beside):
            try:
                self.certificate = self._certificate_in(beside)
            except StartError as error:  # nobody asked for it, and ssh does without it, too
                _log.warning("the key is used without its certificate", reason=str(error))

    @property
    def last(self) -> paramiko.PKey:
        """The key that was last read."""
        return self._file.last

    def _certificate_in(self, path: str) -> CertificateFile:
        made = CertificateFile(path)
        if made.last.public_key != self.last.asbytes():
            raise _unfit(path, f"is no certificate of the key {self._path}")
        return made

    def current(self) -> paramiko.PKey:
        """Return the key as it is now."""
        return self._file.current()

    def certificate_of(self, key: paramiko.PKey) -> Optional[Certificate]:
        """Return the certificate as it is now; None if it belongs to another key or is none."""
        found = self.certificate.current() if self.certificate else None
        return found if found and found.public_key == key.asbytes() else None


def load(path: str, passphrase: Optional[str], certificate: Optional[str] = None) -> PrivateKey:
    """Load the private key in a file; StartError has the reason and a remedy.

    The certificate's path is, by default, KEY-cert.pub if that exists and fits, as for ssh.
    """
    return PrivateKey(path, passphrase, certificate)


def expiries(
    key: Optional[str], certificate: Optional[str], now: int, until: Optional[int]
) -> Iterator[str]:
    """Yield what is wrong with the time of a key's certificate; see Options.expiries."""
    path = certificate or f"{key}-cert.pub"
    if not os.path.isfile(path):  # mostly there is none; a pipe can be read only once
        return
    try:
        found = _read_certificate(path)
    except StartError:  # it stops the start
        return
    text = lapse(f"certificate: {path} ({found.name_shown})", *found.validity, now, until)
    if text:
        yield text


def _load(path: str, passphrase: Optional[str]) -> paramiko.PKey:
    data = _read(path)
    for start, reason in _OTHER_FILES.items():
        if data.startswith(start):
            raise _unusable(path, reason)
    key = _decode(path, data, passphrase)
    form = next((form for kind, form in _FORMS.items() if isinstance(key, kind)), None)
    if form is None:
        raise _unusable(path, "is of an unsupported type; use ed25519, ecdsa or rsa")
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return form.from_private_key(io.StringIO(plain.decode()))


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


def _read_certificate(path: str) -> Certificate:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return parse_line(file.readline(1 << 16))
    except OSError as error:
        raise _unfit(path, f"cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise _unfit(path, str(error)) from None


def _unusable(path: str, reason: str) -> StartError:
    return StartError(f"key: {path} {reason}")


def _unfit(path: str, reason: str) -> StartError:
    return StartError(f"certificate: {path} {reason}")
