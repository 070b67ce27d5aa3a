"""The part of TLS settings that is costly to make, shared by the jobs that trust the same."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Optional
from weakref import WeakValueDictionary

from .files import TlsFile, in_memory, unusable
from .handshake import HandshakeWatch
from .identity import NO_CERTIFICATE, Identity
from .pem import remedy_for_der

_ALL = "DEFAULT:!aNULL:!eNULL"
"""The ciphers that OpenSSL has by itself, as other clients: Python's own list lacks those that have
no forward secrecy or SHA-1, and old servers have no others."""

_PARTIAL_CHAIN = getattr(ssl, "VERIFY_X509_PARTIAL_CHAIN", 0x80000)  # Python 3.9 lacks the name
"""Trust what `ca` holds, though it is no root: the CA that signed, or a certificate itself."""

_PYTHONS_OWN = "ECDH+AESGCM"  # in that list, but not where a distribution's policy holds


class Trust(ssl.SSLContext):
    """Trusts some authorities, and shows one client certificate after another.

    OpenSSL gives each new connection a copy of the certificate that the context has at that moment.
    So hundreds of jobs with a certificate of their own need not read the system's authorities, some
    20 ms and a megabyte, for each. One must take the place of another: it is of the same kind.
    """

    handshakes: HandshakeWatch
    shows: Optional[Identity]

    def show(self, identity: Optional[Identity]) -> None:
        """Show a certificate from the next connection on; raises StartError."""
        if identity is None or identity is self.shows:
            return
        self.shows = None
        identity.load_into(self)
        self.shows = identity

    @contextmanager
    def leaving_names(self, left: bool) -> Iterator[None]:
        """Compare no names, if they are left to others, on connections that begin within."""
        if not left:
            yield
            return
        self.check_hostname = False
        try:
            yield
        finally:
            self.check_hostname = True


_shared: WeakValueDictionary[object, Trust] = WeakValueDictionary()


def find_trust(verify: bool, ca: Optional[TlsFile], identity: Optional[Identity]) -> Trust:
    """Return the one that trusts these authorities, the system's without any; raises StartError."""
    same = verify, _authorities(ca), identity and identity.kind
    trust = _shared.get(same)
    if trust is None:
        trust = _shared[same] = _made(verify, ca)
    return trust


def _authorities(ca: Optional[TlsFile]) -> object:
    if ca is None:
        return None
    if ca.is_directory:
        return ca.path, ca.version
    return hashlib.sha256(ca.content).digest()


def _made(verify: bool, ca: Optional[TlsFile]) -> Trust:
    trust = Trust(ssl.PROTOCOL_TLS_CLIENT)
    trust.handshakes = HandshakeWatch(trust)
    trust.shows = None
    trust.set_alpn_protocols(["http/1.1"])
    trust.post_handshake_auth = True  # Apache asks late, for single paths, also if it is optional
    if _PYTHONS_OWN in ssl._DEFAULT_CIPHERS:
        trust.set_ciphers(_ALL)
    trust.verify_flags |= _PARTIAL_CHAIN
    if not verify:
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    _load_ca(trust, ca)
    return trust


def _load_ca(trust: Trust, ca: Optional[TlsFile]) -> None:
    try:
        if ca is None:
            trust.load_default_certs()  # of the system, not of some Python package
        elif ca.is_directory:
            trust.load_verify_locations(capath=ca.path)
        else:
            with in_memory(ca.content) as path:
                trust.load_verify_locations(cafile=path)
    except ssl.SSLError:
        if ca is None:
            raise
        reason = remedy_for_der(ca.content, ca.path) or NO_CERTIFICATE
        raise unusable("ca", ca.path, reason) from None
    except OSError as error:
        if ca is None:
            raise
        raise unusable("ca", ca.path, f"OpenSSL cannot read it: {error.strerror}") from None
