"""Opens PKCS#12 files (.p12, .pfx): a certificate, its chain and its key, encrypted together."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any, Optional

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate

from ....errors import StartError
from .files import TlsFile, unusable

_OLD_ENCRYPTION = bytes.fromhex("060a2a864886f70d010c01")
"""The OIDs of RC2, RC4 and 3DES, all but the last byte: OpenSSL 3 has some of them elsewhere."""


def open_pkcs12(file: TlsFile, passphrase: Optional[str]) -> tuple[bytes, bytes]:
    """Return chain and key as PEM, each empty if there is none; raises StartError."""
    try:
        key, certificate, others = _loaded(file.content, passphrase)
        if certificate is None:
            return b"", b""
        chain = b"".join(map(_pem, _in_order(certificate, others)))
        return chain, key_pem(key) if key is not None else b""
    except Exception:  # noqa: BLE001 - the parser raises many kinds
        raise _closed(file, passphrase) from None


def _loaded(content: bytes, passphrase: Optional[str]) -> tuple[Any, Any, Sequence[Any]]:
    if passphrase:
        return pkcs12.load_key_and_certificates(content, passphrase.encode())
    try:
        return pkcs12.load_key_and_certificates(content, None)
    except ValueError:  # some programs write an empty passphrase in place of none
        return pkcs12.load_key_and_certificates(content, b"")


def _in_order(certificate: Certificate, others: Sequence[Certificate]) -> Sequence[Certificate]:
    """Return a certificate, its issuer, and so on; what belongs to no chain comes last."""
    chain, left = [certificate], list(others)
    while issuer := next((one for one in left if one.subject == chain[-1].issuer), None):
        chain.append(issuer)
        left.remove(issuer)
    return [*chain, *left]


def _pem(certificate: Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: Any) -> bytes:
    """Return a private key as PEM, not encrypted."""
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def _closed(file: TlsFile, passphrase: Optional[str]) -> StartError:
    if passphrase:
        key, reason = "passphrase", "the passphrase does not open this PKCS#12 file"
    else:
        key, reason = file.key, "it is PKCS#12 and encrypted, or damaged; give its `passphrase`"
    if _OLD_ENCRYPTION in file.content:
        path, pem = shlex.quote(file.path), shlex.quote(f"{file.path}.pem")
        reason += (
            "; or its old encryption (RC2, 3DES) is not known here, then convert it: "
            f"openssl pkcs12 -legacy -in {path} -out {pem} -nodes, and give {file.path}.pem"
        )
    return unusable(key, file.path, reason)
