"""Explains failed TLS handshakes in plain words."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Optional

from ....errors import TransferError
from .handshake import Shown, shown_by
from .peer_certificate import issuer, names

_VERIFICATION: Mapping[int, str] = {
    9: "the server's certificate is not valid yet (check this host's clock, too)",
    10: "the server's certificate has expired",
    23: "the server's certificate has been revoked",
    66: "the key of the server's certificate is too short for this host's crypto policy",
    67: "the key of the server's CA is too short for this host's crypto policy",
    68: "the server's certificate is signed too weakly for this host's crypto policy",
}
"""OpenSSL's number of a failed verification (X509_V_ERR_…) → explanation."""

_UNTRUSTED: Mapping[int, str] = {
    18: "the server's certificate is self-signed",
    19: "the server's certificate comes from an unknown CA",
    20: "the server's certificate comes from an unknown CA",
    21: "the server sent no intermediate certificate, or its CA is unknown",
}
"""The same for certificates that lead to no CA that is trusted."""

_SELF_SIGNED = 18
_WRONG_NAME = (62, 63, 64)
_NAMES = 5  # names of a certificate that are shown

_NO_VERSION = (
    "no TLS version that both sides accept; this host's crypto policy may demand TLS 1.2 or later"
)

_REASONS: Mapping[str, str] = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port; is it http://?",
    "HTTP_REQUEST": "the server does not speak TLS on this port; is it http://?",
    "UNSUPPORTED_PROTOCOL": _NO_VERSION,
    "TLSV1_ALERT_PROTOCOL_VERSION": _NO_VERSION,
    "NO_PROTOCOLS_AVAILABLE": _NO_VERSION,
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED": _NO_VERSION,
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": (
        "the server speaks only HTTP/2 here (or another protocol than HTTP/1.1), "
        "which fthg does not"
    ),
    "SSLV3_ALERT_HANDSHAKE_FAILURE": (
        "the server refused the handshake: no common cipher, or it wants a client certificate"
    ),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": "the server wants a client certificate: give `cert`",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the server refused the client certificate (bad certificate)",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": "the server says that the client certificate has expired",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": "the server says that the client certificate is revoked",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the server does not accept the client certificate",
    "TLSV1_ALERT_UNKNOWN_CA": "the server does not know the CA of the client certificate",
    "TLSV1_ALERT_ACCESS_DENIED": "the server denies access to this client certificate",
    "TLSV1_UNRECOGNIZED_NAME": "the server does not know this host name (SNI)",
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": (
        "the server lacks secure renegotiation (RFC 5746), which this host's OpenSSL demands"
    ),
    "DH_KEY_TOO_SMALL": "the server's key exchange is too weak for this host's crypto policy",
    "EE_KEY_TOO_SMALL": "the server's key is too short for this host's crypto policy",
    "CA_MD_TOO_WEAK": "the server's certificate is signed too weakly for this host's crypto policy",
}
"""OpenSSL's reason → explanation."""


_WANTS_CERTIFICATE = _REASONS["TLSV13_ALERT_CERTIFICATE_REQUIRED"]

_REFUSED_LATER = (
    "the server refused after it had read the request: it wants a client certificate (`cert`) for "
    "this path, or another one"
)


def tls_failure(error: ssl.SSLError, server: str) -> TransferError:
    """Return the error of a transfer whose handshake failed, or got an alert after it."""
    shown = shown_by(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _verification_failure(error, shown)
    else:
        name = _name(error)
        explanation = _REASONS.get(name)
        if name == "SSLV3_ALERT_HANDSHAKE_FAILURE":
            if shown is None:
                explanation = _REFUSED_LATER
            elif _lacks_certificate(shown):
                explanation = _WANTS_CERTIFICATE
        raw = name.replace("_", " ").lower()
        reason = f"{explanation} [{raw}]" if explanation else raw
    return TransferError("tls", f"{server}: {reason}")


def _name(error: ssl.SSLError) -> str:
    """Return OpenSSL's reason as a name; Python has none for some that OpenSSL has words for."""
    if error.reason:
        return error.reason
    text = error.strerror or str(error)
    words = re.fullmatch(r"\[[^\]]*\] (.*) \(_?ssl\.c:\d+\)", text, re.IGNORECASE)
    return words[1].replace(" ", "_").upper() if words else text


def missing_certificate(owner: object) -> str:
    """Return a remark for a connection that ended, or nothing.

    `owner` is its TLS socket, or the error that ended the handshake.
    """
    if not _lacks_certificate(shown_by(owner)):
        return ""
    return " (it had asked for a client certificate, and there was none: give `cert`)"


def _lacks_certificate(shown: Optional[Shown]) -> bool:
    return shown is not None and shown.asks and not shown.cert


def _verification_failure(error: ssl.SSLCertVerificationError, shown: Optional[Shown]) -> str:
    chain = shown.chain if shown is not None else []
    if error.verify_code in _WRONG_NAME:
        message = error.verify_message.rstrip(".")
        reason = f"the server's certificate has another name: {message}"
        return reason + (_names(names(chain[0])) if chain else "")
    explanation = _VERIFICATION.get(error.verify_code)
    if error.verify_code in _UNTRUSTED:
        explanation = _untrusted(error.verify_code, shown)
    return f"{explanation} [{error.verify_message}]" if explanation else error.verify_message


def _untrusted(code: int, shown: Optional[Shown]) -> str:
    ca, chain = (shown.ca, shown.chain) if shown is not None else (None, [])
    by, root = (issuer(chain[0]), issuer(chain[-1])) if chain else ("", "")
    reason = _UNTRUSTED[code]
    if by:
        reason += f", {by}" if code == _SELF_SIGNED else f": it was issued by {by}"
        reason += f", under {root}" if root not in (by, "") else ""
    wanted = "it" if code == _SELF_SIGNED else "that CA's certificate"
    if ca is None:
        return f"{reason}; give {wanted} as `ca`"
    return f"{reason}; `ca` ({ca}) does not hold {wanted}"


def _names(found: Sequence[str]) -> str:
    if not found:
        return "; it names no host"
    more = f" and {len(found) - _NAMES} more" if len(found) > _NAMES else ""
    return f"; it is for {', '.join(found[:_NAMES])}{more}"
