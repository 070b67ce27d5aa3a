"""Finds certificates of a job that have expired, or will before its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ....errors import StartError
from .expiry import expiry
from .files import FileReader, TlsFile
from .identity import certificate_of
from .pem import count_certificates

_READ_TIMEOUT = 1.0  # seconds


def expiries(
    ca: Optional[str],
    cert: Optional[str],
    passphrase: Optional[str],
    now: int,
    until: Optional[int],
) -> Iterable[str]:
    """Yield a warning for the client certificate, and for `ca` if it is a single certificate.

    Files that cannot be used are skipped: they stop the start elsewhere.
    """
    for key, path in (("cert", cert), ("ca", ca)):
        file = _read(key, path) if path is not None else None
        if file is None or (key == "ca" and count_certificates(file.content) != 1):
            continue
        certificate = certificate_of(file, passphrase)
        text = certificate and expiry(certificate, f"{key}: {path}", now, until)
        if text:
            yield text


def _read(key: str, path: str) -> Optional[TlsFile]:
    try:
        return FileReader().read(key, path, None, _READ_TIMEOUT)
    except StartError:
        return None
