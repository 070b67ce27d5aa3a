"""The encryption of a connection to a database, in the modes of the mysql client."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import Any, Optional

import voluptuous as vol

from ..config import values
from ..errors import StartError

MODES = ("disabled", "preferred", "required", "verify_ca", "verify_identity")
"""From the weakest: preferred encrypts if the server can, without asking who it is."""


@dataclass(frozen=True)
class Tls:
    """A mode, and the certificates of a connection as paths of PEM files."""

    mode: str = "preferred"
    ca: Optional[str] = None  # None: the system's store
    cert: Optional[str] = None
    key: Optional[str] = None  # None: in the same file as the certificate

    @property
    def verifies(self) -> bool:
        """Return True if the server must show a certificate that the CA has signed."""
        return self.mode in ("verify_ca", "verify_identity")

    @property
    def insists(self) -> bool:
        """Return True if there is no connection without TLS."""
        return self.mode not in ("disabled", "preferred")


_mode = values.one_of(*MODES)
_TLS = vol.Schema(
    {
        vol.Optional("mode"): _mode,
        vol.Optional("ca"): values.input_path,
        vol.Optional("cert"): values.input_path,
        vol.Optional("key"): values.input_path,
        vol.Optional("verify"): values.boolean,
    }
)


def tls_option(value: Any) -> Tls:
    """Return the encryption that a mode, a boolean or a mapping stands for."""
    if isinstance(value, dict):
        found = dict(_TLS(value))
        verify = found.pop("verify", None)
        if verify is not None and "mode" in found:
            raise vol.Invalid("mode says already what is verified; leave verify out")
        found.setdefault("mode", "required" if verify is False else "verify_identity")
        return checked(Tls(**found))
    if value in MODES:
        return Tls(str(value))
    try:
        return Tls("verify_identity" if values.boolean(value) else "disabled")
    except vol.Invalid:
        raise vol.Invalid(
            f"must be {', '.join(MODES)}, true, false, or a mapping of mode, ca, cert and key"
        ) from None


def checked(tls: Tls) -> Tls:
    """Return what was passed in; vol.Invalid if a certificate has no effect in its mode."""
    if tls.ca and not tls.verifies:
        raise vol.Invalid(
            f"ca has no effect in mode {tls.mode}, which verifies nothing; "
            "write mode: verify_ca or verify_identity"
        )
    if tls.key and not tls.cert:
        raise vol.Invalid("key has no effect without cert")
    if tls.cert and tls.mode == "disabled":
        raise vol.Invalid("cert has no effect in mode disabled")
    return tls


def make_context(tls: Tls, where: str) -> Optional[ssl.SSLContext]:
    """Read the certificates into a context for a client; None if TLS is disabled.

    StartError names key, file and reason; `where` is the path of the keys.
    """
    if tls.mode == "disabled":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Python 3.13 made this the default; certificates that MySQL makes for itself fail it.
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    context.check_hostname = tls.mode == "verify_identity"
    context.verify_mode = ssl.CERT_REQUIRED if tls.verifies else ssl.CERT_NONE
    if tls.verifies:
        _load_ca(context, tls.ca, where)
    if tls.cert:
        _load_certificate(context, tls.cert, tls.key, where)
    return context


def _load_ca(context: ssl.SSLContext, path: Optional[str], where: str) -> None:
    if path is None:
        context.load_default_certs()
        return
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError as error:  # an SSLError is one, too
        raise _unusable(f"{where}.ca: {path}", error, "it holds no certificate") from None


def _load_certificate(context: ssl.SSLContext, cert: str, key: Optional[str], where: str) -> None:
    try:
        # Without a password OpenSSL would ask on the terminal.
        context.load_cert_chain(cert, key, password="")  # nosec B106
    except OSError as error:
        files = f"{cert}, {key}" if key else cert
        reason = "they are no certificate and the unencrypted key that belongs to it"
        raise _unusable(f"{where}.cert: {files}", error, reason) from None


def _unusable(what: str, error: OSError, reason: str) -> StartError:
    if isinstance(error, ssl.SSLError):
        return StartError(f"{what}: {reason}; give PEM files")
    return StartError(f"{what}: it cannot be read: {error.strerror}")
