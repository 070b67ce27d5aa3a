"""Explains failed TLS handshakes in plain words."""

from __future__ import annotations

import ssl
from collections.abc import Mapping

from ...errors import TransferError

_VERIFICATION: Mapping[int, str] = {
    9: "the server's certificate is not valid yet (check this host's clock, too)",
    10: "the server's certificate has expired",
    18: "the server's certificate is self-signed; give it as `ca`",
    19: "the server's certificate comes from an unknown CA; give that CA's certificate as `ca`",
    20: "the server's certificate comes from an unknown CA; give that CA's certificate as `ca`",
    21: "the server sent no intermediate certificate, or its CA is unknown (`ca`)",
    23: "the server's certificate has been revoked",
}
"""OpenSSL's number of a failed verification (X509_V_ERR_…) → explanation."""

_WRONG_NAME = (62, 63, 64)

_REASONS: Mapping[str, str] = {
    "WRONG_VERSION_NUMBER": "the server does not speak TLS on this port; is it http://?",
    "HTTP_REQUEST": "the server does not speak TLS on this port; is it http://?",
    "UNSUPPORTED_PROTOCOL": "no TLS version that both sides accept",
    "TLSV1_ALERT_PROTOCOL_VERSION": "no TLS version that both sides accept",
    "NO_PROTOCOLS_AVAILABLE": "no TLS version that both sides accept",
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
    "DH_KEY_TOO_SMALL": "the server's key exchange is too weak for this host's crypto policy",
    "EE_KEY_TOO_SMALL": "the server's key is too short for this host's crypto policy",
    "CA_MD_TOO_WEAK": "the server's certificate is signed too weakly for this host's crypto policy",
}
"""OpenSSL's reason → explanation."""


def tls_failure(error: ssl.SSLError, server: str) -> TransferError:
    """Return the error of a transfer whose handshake failed, or got an alert after it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _verification_failure(error)
    else:
        explanation = _REASONS.get(error.reason or "")
        raw = (error.reason or error.strerror or str(error)).replace("_", " ").lower()
        reason = f"{explanation} [{raw}]" if explanation else raw
    return TransferError("tls", f"{server}: {reason}")


def _verification_failure(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in _WRONG_NAME:
        return f"the server's certificate has another name: {error.verify_message}"
    explanation = _VERIFICATION.get(error.verify_code)
    return f"{explanation} [{error.verify_message}]" if explanation else error.verify_message
