"""TLS for one job: certificates read before the first transfer, faults told in plain words."""

from __future__ import annotations

import os
import pwd
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Optional

from ...errors import StartError, TransferError
from ...log import Log
from ..base import Options

_log = Log("fthg.http")
_PRIVATE_KEY = b"PRIVATE KEY-----"
_CERTIFICATE = b"BEGIN CERTIFICATE-----"
_ENCRYPTED = b"ENCRYPTED"

_VERDICTS = {
    9: "the server's certificate is not valid yet (look at this host's clock, too)",
    10: "the server's certificate has expired",
    18: "the server's certificate is self-signed; give it as `ca`",
    19: "the server's certificate comes from an unknown CA; give that CA's certificate as `ca`",
    20: "the server's certificate comes from an unknown CA; give that CA's certificate as `ca`",
    21: "the server sent no intermediate certificate, or its CA is unknown (`ca`)",
    23: "the server's certificate has been revoked",
}
"""By OpenSSL's number of what failed (X509_V_ERR_…)."""

_WRONG_NAME = (62, 63, 64)

_REASONS = {
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
"""By the reason that OpenSSL gives."""


class Context(ssl.SSLContext):
    """TLS settings; a handshake that fails or is killed leaves nothing open, a good one is told."""

    unnamed: Optional[Callable[[], str]] = None
    """Who the server is if `server_hostname` is not given: old urllib3 leaves addresses out."""

    def wrap_socket(self, sock: socket.socket, *_more: Any, **settings: Any) -> ssl.SSLSocket:
        """Make the handshake with the server over a connected socket."""
        if self.unnamed is not None:
            settings.setdefault("server_hostname", self.unnamed())
        wrapped = super().wrap_socket(sock, **{**settings, "do_handshake_on_connect": False})
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        _tell(wrapped, settings.get("server_hostname"))
        return wrapped


def make_context(options: Options) -> Context:
    """The TLS settings of a job; raises StartError naming job, key, file, reason and remedy."""
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["http/1.1"])
    if not options["verify"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _trust(context, options)
    if options.get("cert"):
        _identify(context, options)
    return context


def holds_key(path: str) -> bool:
    """True if a readable PEM file holds a private key as well."""
    try:
        return _PRIVATE_KEY in _read(path)
    except OSError:
        return False


def failure(error: ssl.SSLError, server: str) -> TransferError:
    """What a failed handshake, or an alert after it, means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _VERDICTS.get(error.verify_code, error.verify_message)
        if error.verify_code in _WRONG_NAME:
            reason = f"the server's certificate has another name: {error.verify_message}"
        elif error.verify_code in _VERDICTS:
            reason += f" [{error.verify_message}]"
    else:
        known = _REASONS.get(error.reason or "")
        raw = (error.reason or error.strerror or str(error)).replace("_", " ").lower()
        reason = f"{known} [{raw}]" if known else raw
    return TransferError("tls", f"{server}: {reason}")


def subject(certificate: Optional[Mapping[str, Any]]) -> str:
    """The subject of a peer's certificate: `CN=server.example.com, O=Example`."""
    names = (certificate or {}).get("subject", ())
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU"}
    pairs = [pair for part in names for pair in part]
    return ", ".join(f"{short.get(name, name)}={value}" for name, value in pairs)


def _tell(stream: ssl.SSLSocket, host: object) -> None:
    cipher = stream.cipher()
    _log.debug(
        "TLS",
        host=host,
        version=stream.version(),
        cipher=cipher[0] if cipher else None,
        subject=subject(stream.getpeercert()) or "not verified",
        resumed=stream.session_reused,
    )


def _trust(context: ssl.SSLContext, options: Options) -> None:
    path = options.get("ca")
    if path is None:
        context.load_default_certs()  # of the system, not of some Python package
        return
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
            return
        _read(path)
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        remedy = "a PEM file with BEGIN CERTIFICATE is wanted"
        raise _unusable(options, "ca", path, f"it holds no certificate; {remedy}") from None
    except OSError as error:
        raise _unreadable(options, "ca", path, error) from None


def _identify(context: ssl.SSLContext, options: Options) -> None:
    cert, key = options["cert"], options.get("key") or options["cert"]
    certificate = _content(options, "cert", cert)
    private = _content(options, "key", key)
    if _CERTIFICATE not in certificate:
        reason = "it holds no certificate; a PEM file with BEGIN CERTIFICATE is wanted"
        raise _unusable(options, "cert", cert, reason)
    if _PRIVATE_KEY not in private:
        reason = "it holds no private key; a PEM file with BEGIN PRIVATE KEY is wanted"
        raise _unusable(options, "key", key, reason)
    try:
        # Without a password OpenSSL would ask on the terminal.
        context.load_cert_chain(cert, key, password=options.get("passphrase") or "")
    except ssl.SSLError as error:
        encrypted = _ENCRYPTED in private
        raise _bad_pair(options, cert, key, encrypted, error) from None


def _bad_pair(
    options: Options, cert: str, key: str, encrypted: bool, error: ssl.SSLError
) -> StartError:
    if error.reason == "KEY_VALUES_MISMATCH":
        reason = f"it does not belong to the certificate {cert}; give the key it was made with"
        return _unusable(options, "key", key, reason)
    if not encrypted:
        reason = f"certificate or key is damaged ({error.reason or error.strerror})"
        return _unusable(options, "cert", f"{cert}, {key}", reason)
    if options.get("passphrase"):
        return _unusable(options, "passphrase", key, "the passphrase does not open this key")
    return _unusable(options, "key", key, "it is encrypted; give its `passphrase`")


def _content(options: Options, key: str, path: str) -> bytes:
    try:
        return _read(path)
    except OSError as error:
        raise _unreadable(options, key, path, error) from None


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(1 << 20)


def _unreadable(options: Options, key: str, path: str, error: OSError) -> StartError:
    remedy = f"see that user {_user()} may read it" if isinstance(error, PermissionError) else ""
    reason = f"it cannot be read: {error.strerror}"
    return _unusable(options, key, path, f"{reason}; {remedy}" if remedy else reason)


def _unusable(options: Options, key: str, path: str, reason: str) -> StartError:
    return StartError(f"job {options['job']}: {key}: {path}: {reason}")


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
