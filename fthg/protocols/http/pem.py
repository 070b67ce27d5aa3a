"""Reads PEM files, far enough to know what they hold."""

from __future__ import annotations

_PRIVATE_KEY = b"PRIVATE KEY-----"
_CERTIFICATE = b"BEGIN CERTIFICATE-----"
_ENCRYPTED = b"ENCRYPTED"
_LONGEST = 1 << 20  # bytes; more is no certificate


def read_pem(path: str) -> bytes:
    """Return the content of a file; raises OSError."""
    with open(path, "rb") as file:
        return file.read(_LONGEST)


def has_certificate(pem: bytes) -> bool:
    """Return True if the text holds a certificate."""
    return _CERTIFICATE in pem


def has_private_key(pem: bytes) -> bool:
    """Return True if the text holds a private key."""
    return _PRIVATE_KEY in pem


def is_encrypted(pem: bytes) -> bool:
    """Return True if the text holds an encrypted key."""
    return _ENCRYPTED in pem
