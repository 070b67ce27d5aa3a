"""Recognises PEM, DER and PKCS#12, and what a file of each holds."""

from __future__ import annotations

import shlex

_PRIVATE_KEY = b"PRIVATE KEY-----"
_CERTIFICATE = b"BEGIN CERTIFICATE-----"
_TRUSTED = b"BEGIN TRUSTED CERTIFICATE-----"
_OLD = b"BEGIN X509 CERTIFICATE-----"
_ENCRYPTED = b"ENCRYPTED"
_LONGEST = 1 << 20  # bytes; more is no certificate


def read_pem(path: str) -> bytes:
    """Return the content of a file; raises OSError."""
    with open(path, "rb") as file:
        return file.read(_LONGEST)


def has_certificate(pem: bytes) -> bool:
    """Return True if the text holds a certificate."""
    return any(begin in pem for begin in (_CERTIFICATE, _TRUSTED, _OLD))


def count_certificates(pem: bytes) -> int:
    """Return how many certificates the text holds."""
    return sum(map(pem.count, (_CERTIFICATE, _TRUSTED, _OLD)))


def has_private_key(pem: bytes) -> bool:
    """Return True if the text holds a private key."""
    return _PRIVATE_KEY in pem


def is_encrypted(pem: bytes) -> bool:
    """Return True if the text holds an encrypted key."""
    return _ENCRYPTED in pem


def is_der(content: bytes) -> bool:
    """Return True if the content is binary: DER, as PKCS#12 is."""
    return bool(_der_fields(content))


def is_pkcs12(content: bytes) -> bool:
    """Return True if the content is PKCS#12: certificates together with a key."""
    return _der_fields(content).startswith(b"\x02\x01\x03")  # it begins with the version, 3


def remedy_for_der(content: bytes, path: str) -> str:
    """Return what the file is and the command that converts it, if it is binary, as PKCS#12 is."""
    fields = _der_fields(content)
    if not fields:
        return ""
    pem = shlex.quote(f"{path}.pem")
    if is_pkcs12(content):
        command = f"openssl pkcs12 -in {shlex.quote(path)} -out {pem} -nokeys"
        return f"it is PKCS#12, not PEM; convert it: {command}"
    if fields.startswith(b"\x30"):
        command = f"openssl x509 -inform DER -in {shlex.quote(path)} -out {pem}"
        return f"it is binary (DER), not PEM; convert it: {command}"
    return "it is binary (DER), not PEM; convert it with openssl"


def _der_fields(content: bytes) -> bytes:
    """Return what is in the sequence that the content begins with; empty if it is none."""
    if content[:1] != b"\x30" or len(content) < 8:
        return b""
    length = content[1]
    skipped = 2 if length <= 0x80 else 2 + (length & 0x7F)
    return content[skipped:]
