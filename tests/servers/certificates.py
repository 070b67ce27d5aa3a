"""Throw-away certificates of the practice system, valid now.

Like those that servers make for themselves they lack what RFC 5280 demands beyond the basics.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from fthg.lab import certificates
from fthg.lab.certificates import Authority, Pair, client_certificate, server_certificate

__all__ = ["Authority", "Pair", "client_certificate", "make_ca", "server_certificate"]


def make_ca(directory: Path, name: str = "ca") -> Authority:
    """Make an authority and write its certificate to `directory`."""
    now = datetime.now(timezone.utc).replace(tzinfo=None)
    return certificates.make_ca(directory, now, name, strict=False)
