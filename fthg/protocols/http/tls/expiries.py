"""Looks for certificates of a job that have expired, or will before its end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from ....errors import StartError
from .expiry import expiry
from .files import FileReader, TlsFile
from .identity import certificate_of
from .pem import count_certificates

_PATIENCE = 1.0  # seconds


def expiries(
    ca: Optional[str],
    cert: Optional[str],
    passphrase: Optional[str],
    now: int,
    until: Optional[int],
) -> Iterable[str]:
    """Yield what is wrong with the client certificate, and with `ca` if it is a single one.

    A file that cannot be used is no matter here: it stops the start.
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
        return FileReader().read(key, path, None, _PATIENCE)
    except StartError:
        return None
