"""The encryption of a connection to a database."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any, Optional

import voluptuous as vol

from ..config import values


@dataclass(frozen=True)
class Tls:
    """The certificates of a connection, as paths of PEM files."""

    ca: Optional[str] = None  # None: the system's store
    cert: Optional[str] = None
    key: Optional[str] = None
    verify: bool = True


_TLS = vol.Schema(
    {
        vol.Optional("ca"): values.input_path,
        vol.Optional("cert"): values.input_path,
        vol.Optional("key"): values.input_path,
        vol.Optional("verify"): values.boolean,
    }
)


def tls_option(value: Any) -> Optional[Tls]:
    """Return the encryption that a boolean or a mapping stands for; None without TLS."""
    if isinstance(value, dict):
        return Tls(**_TLS(value))
    return Tls() if values.boolean(value) else None


def make_context(tls: Tls) -> ssl.SSLContext:
    """Read the certificates into a context for a client; OSError if that fails."""
    context = ssl.create_default_context(cafile=tls.ca)
    # Python 3.13 made this the default; certificates that MySQL makes for itself fail it.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key)
    return context
