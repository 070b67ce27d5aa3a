"""Makes the TLS settings of one job, from certificates that are read before the first transfer."""

from __future__ import annotations

import os
import pwd
import ssl
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Optional
from weakref import WeakValueDictionary

from ...errors import StartError
from ...log import Log
from .handshake import HandshakeWatch, Shown
from .options import HttpOptions
from .pem import has_certificate, has_private_key, is_encrypted, read_pem, remedy_for_der

_log = Log("fthg.http")

_NO_CERTIFICATE = "it holds no certificate; give a PEM file with BEGIN CERTIFICATE"


class Context(ssl.SSLContext):
    """TLS settings that show what servers show in their handshakes."""

    handshakes: HandshakeWatch
    ca: Optional[str] = None
    cert: Optional[str] = None

    def watching(self, stream: object) -> AbstractContextManager[None]:
        """Return a block in which what the server shows in the handshake of `stream` is kept."""
        return self.handshakes.watch(stream, Shown(self.ca, self.cert))


_shared: WeakValueDictionary[object, Context] = WeakValueDictionary()
"""Those of running jobs: reading the system's authorities takes some 20 ms, and a megabyte."""


def make_context(options: HttpOptions) -> Context:
    """Return the TLS settings of a job, the same for all with the same files and settings.

    StartError names key, file, reason and remedy.
    """
    files = tuple(map(_version, (options.ca, options.cert, options.key)))
    same = options.verify, options.passphrase, files
    context = _shared.get(same)
    if context is None:
        context = _shared[same] = _made(options)
    return context


def _version(path: Optional[str]) -> object:
    """Return what changes when a file does."""
    if path is None:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return path
    return path, found.st_ino, found.st_mtime_ns, found.st_size


def _made(options: HttpOptions) -> Context:
    context = Context(ssl.PROTOCOL_TLS_CLIENT)
    context.handshakes = HandshakeWatch(context)
    context.ca, context.cert = options.ca, options.cert
    context.set_alpn_protocols(["http/1.1"])
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _load_ca(context, options.ca)
    if options.cert:
        context.post_handshake_auth = True  # Apache asks for it late, for single paths
        _load_certificate(context, options.cert, options.key or options.cert, options.passphrase)
    return context


def subject(certificate: Optional[Mapping[str, Any]]) -> str:
    """Return the subject of a peer's certificate: `CN=server.example.com, O=Example`."""
    names = (certificate or {}).get("subject", ())
    short = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU"}
    pairs = [pair for part in names for pair in part]
    return ", ".join(f"{short.get(name, name)}={value}" for name, value in pairs)


def log_handshake(stream: ssl.SSLObject, host: str) -> None:
    """Log version and cipher of a connection, and the subject of the server's certificate."""
    cipher = stream.cipher()
    _log.debug(
        "TLS",
        host=host,
        version=stream.version(),
        cipher=cipher[0] if cipher else None,
        subject=subject(stream.getpeercert()) or "not verified",
        resumed=stream.session_reused,
    )


def _load_ca(context: ssl.SSLContext, path: Optional[str]) -> None:
    if path is None:
        context.load_default_certs()  # of the system, not of some Python package
        return
    content = b""
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
            return
        content = read_pem(path)
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise _unusable("ca", path, remedy_for_der(content, path) or _NO_CERTIFICATE) from None
    except OSError as error:
        raise _unreadable("ca", path, error) from None


def _load_certificate(
    context: ssl.SSLContext, cert: str, key: str, passphrase: Optional[str]
) -> None:
    certificate = _content("cert", cert)
    private = _content("key", key)
    if not has_certificate(certificate):
        raise _unusable("cert", cert, remedy_for_der(certificate, cert) or _NO_CERTIFICATE)
    if not has_private_key(private):
        reason = "it holds no private key; give a PEM file with BEGIN PRIVATE KEY"
        raise _unusable("key", key, remedy_for_der(private, key) or reason)
    try:
        # Without a password OpenSSL would ask on the terminal.
        context.load_cert_chain(cert, key, password=passphrase or "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            reason = f"it does not belong to the certificate {cert}; give the key it was made with"
            raise _unusable("key", key, reason) from None
        if is_encrypted(private):
            raise _cannot_decrypt(key, passphrase) from None
        reason = f"certificate or key is damaged ({error.reason or error.strerror})"
        raise _unusable("cert", f"{cert}, {key}", reason) from None


def _cannot_decrypt(key: str, passphrase: Optional[str]) -> StartError:
    if passphrase:
        return _unusable("passphrase", key, "the passphrase does not open this key")
    return _unusable("key", key, "it is encrypted; give its `passphrase`")


def _content(key: str, path: str) -> bytes:
    try:
        return read_pem(path)
    except OSError as error:
        raise _unreadable(key, path, error) from None


def _unreadable(key: str, path: str, error: OSError) -> StartError:
    reason = f"it cannot be read: {error.strerror}"
    if isinstance(error, PermissionError):
        reason += f"; make it readable for user {_user()}"
    return _unusable(key, path, reason)


def _unusable(key: str, path: str, reason: str) -> StartError:
    return StartError(f"{key}: {path}: {reason}")


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
