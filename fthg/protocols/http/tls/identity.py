"""The client certificate that a job shows, with its chain and key: from PEM, DER or PKCS#12."""

from __future__ import annotations

import hashlib
import ssl
from typing import Any, NamedTuple, Optional

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from ....errors import StartError
from .files import TlsFile, in_memory, unusable
from .pem import has_certificate, has_private_key, is_der, is_encrypted, is_pkcs12
from .pkcs12 import key_pem, open_pkcs12

NO_CERTIFICATE = "it holds no certificate; give a PEM file with BEGIN CERTIFICATE"
_NO_KEY = "it holds no private key; give a PEM file with BEGIN PRIVATE KEY"
_ENCRYPTED = "it is encrypted; give its `passphrase`"
_NOT_OPENED = "the passphrase does not open this key"

_PSS = bytes.fromhex("06092a864886f70d01010a")
"""The OID of RSASSA-PSS, which OpenSSL takes for a type of its own, and others for RSA."""

_TOO_WEAK = ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK")


class Identity:
    """A certificate with its chain and key, in memory."""

    def __init__(self, cert: TlsFile, key: TlsFile, passphrase: Optional[str]) -> None:
        """Take them from these files, or from the same; raises StartError."""
        self._cert, self._key, self._passphrase = cert.path, key.path, passphrase
        held = _opened(cert, passphrase)
        own = held if key.path == cert.path else _opened(key, passphrase)
        if not held.chain:
            raise unusable("cert", cert.path, NO_CERTIFICATE)
        if not own.key:
            raise unusable("key", key.path, _NO_KEY)
        self._chain, self._private = held.chain, own.key
        self.certificate = _first(held.chain)
        self.kind = _kind(self.certificate) or hashlib.sha256(held.chain).hexdigest()
        """The property by which OpenSSL decides whether one certificate replaces another."""

    def load_into(self, context: ssl.SSLContext) -> None:
        """Make new connections of the context present it; raises StartError."""
        try:
            with in_memory(self._chain) as chain, in_memory(self._private) as key:
                # Without a password OpenSSL would ask on the terminal.
                context.load_cert_chain(chain, key, password=self._passphrase or "")
        except ssl.SSLError as error:
            raise self._refused(error) from None
        except OSError as error:
            reason = f"OpenSSL cannot read it: {error.strerror}"
            raise unusable("cert", self._cert, reason) from None

    def _refused(self, error: ssl.SSLError) -> StartError:
        cert, key = self._cert, self._key
        if error.reason == "KEY_VALUES_MISMATCH":
            reason = f"it does not belong to the certificate {cert}; give the key it was made with"
            return unusable("key", key, reason)
        if error.reason in _TOO_WEAK:
            raw = error.reason.replace("_", " ").lower()
            return unusable("cert", cert, f"it is too weak for this host's crypto policy [{raw}]")
        if is_encrypted(self._private):
            if self._passphrase:
                return unusable("passphrase", key, _NOT_OPENED)
            return unusable("key", key, _ENCRYPTED)
        reason = f"certificate or key is damaged ({error.reason or error.strerror})"
        return unusable("cert", f"{cert}, {key}", reason)


class _Held(NamedTuple):
    """The chain and key found in a file, as PEM; each empty if there is none."""

    chain: bytes
    key: bytes


def _opened(file: TlsFile, passphrase: Optional[str]) -> _Held:
    content = file.content
    if is_pkcs12(content):
        return _Held(*open_pkcs12(file, passphrase))
    if is_der(content):
        return _opened_der(file, passphrase)
    key = content if has_private_key(content) else b""
    if key and passphrase and is_encrypted(key):
        key = _decrypted(key, passphrase)
    return _Held(content if has_certificate(content) else b"", key)


def _opened_der(file: TlsFile, passphrase: Optional[str]) -> _Held:
    certificate = _der_certificate(file.content)
    if certificate is not None:
        return _Held(certificate.public_bytes(serialization.Encoding.PEM), b"")
    return _Held(b"", key_pem(_der_key(file, passphrase)))


def _der_key(file: TlsFile, passphrase: Optional[str]) -> Any:
    """Return the key of a file; one that is not encrypted needs no passphrase, if there is one."""
    try:
        return serialization.load_der_private_key(file.content, None)
    except TypeError:  # it is encrypted
        if not passphrase:
            raise unusable(file.key, file.path, _ENCRYPTED) from None
    except Exception:  # noqa: BLE001 - the parser raises many kinds
        raise unusable(file.key, file.path, "it is binary (DER), and cannot be read") from None
    try:
        return serialization.load_der_private_key(file.content, passphrase.encode())
    except Exception:  # noqa: BLE001
        raise unusable("passphrase", file.path, _NOT_OPENED) from None


def _der_certificate(content: bytes) -> Optional[x509.Certificate]:
    try:
        return x509.load_der_x509_certificate(content)
    except Exception:  # noqa: BLE001
        return None


def _decrypted(pem: bytes, passphrase: str) -> bytes:
    """Return the key without encryption, which may cost a while, or as it was: OpenSSL says why."""
    try:
        return key_pem(serialization.load_pem_private_key(pem, passphrase.encode()))
    except Exception:  # noqa: BLE001
        return pem


def certificate_of(file: TlsFile, passphrase: Optional[str]) -> Optional[x509.Certificate]:
    """Return the first certificate of a file; None if there is none, or it cannot be read."""
    if not is_der(file.content):
        return _first(file.content)
    try:
        return _first(_opened(file, passphrase).chain)
    except StartError:
        return None


def _first(pem: bytes) -> Optional[x509.Certificate]:
    """Return the first certificate; None if only OpenSSL can read it."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except Exception:  # noqa: BLE001 - the parser raises many kinds
        return None


def _kind(certificate: Optional[x509.Certificate]) -> str:
    """Return the type of a certificate's key; empty if it is not known for sure."""
    if certificate is None or _PSS in certificate.tbs_certificate_bytes:
        return ""
    try:
        return type(certificate.public_key()).__name__
    except Exception:  # noqa: BLE001
        return ""
