"""Compares names such as a_b.example.com: OpenSSL lets no wildcard stand for an underscore."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

_WRONG_NAME = 62  # OpenSSL's number of the failed verification


def has_underscore(host: str) -> bool:
    """Return True if OpenSSL cannot compare the name with wildcards."""
    return "_" in host


def check_name(certificate: Mapping[str, Any], host: str) -> None:
    """Raise SSLCertVerificationError unless a certificate, as getpeercert gives it, is for it."""
    wanted, rest = host.lower(), host.lower().partition(".")[2]
    # No wildcard stands for all names of a top-level domain.
    fitting = {wanted, f"*.{rest}"} if "." in rest else {wanted}
    if fitting.isdisjoint(name.lower() for name in _names(certificate)):
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_code = _WRONG_NAME
        error.verify_message = f"Hostname mismatch, certificate is not valid for '{host}'."
        raise error


def _names(certificate: Mapping[str, Any]) -> list[str]:
    """Return the host names of a certificate; its common names only if it has no others."""
    alternatives = certificate.get("subjectAltName", ())
    names = [name for kind, name in alternatives if kind == "DNS"]
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    return names or [name for kind, name in subject if kind == "commonName"]
