"""Checks whether an X.509 certificate is valid now, and until a moment (pure)."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Optional

from cryptography import x509

from ...validity import lapse
from .peer_certificate import subject_of


def expiry(
    certificate: x509.Certificate, what: str, now: int, until: Optional[int]
) -> Optional[str]:
    """Return what is wrong with a certificate now, or will be `until` then; None if nothing is."""
    begin, end = _validity(certificate)
    return lapse(f"{what} ({subject_of(certificate)})", begin, end, now, until)


def _validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    if hasattr(certificate, "not_valid_after_utc"):  # since cryptography 42
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    begin, end = certificate.not_valid_before, certificate.not_valid_after
    return begin.replace(tzinfo=timezone.utc), end.replace(tzinfo=timezone.utc)
