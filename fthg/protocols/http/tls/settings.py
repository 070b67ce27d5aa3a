"""The TLS settings of jobs, loaded again when certificates or keys have changed."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Optional
from weakref import WeakValueDictionary

from ....clock import SECOND, Clock
from ....errors import StartError
from ....log import Log
from ..options import HttpOptions
from .expiry import expiry
from .files import FileReader, TlsFile
from .handshake import Shown
from .host_names import check_host, is_compared_here
from .identity import Identity
from .trust import Trust, find_trust

_log = Log("fthg.http")

_PERIOD = SECOND  # between two checks of the files
FILE_TIMEOUT = 1.0
"""Seconds that a new connection waits for the files to be checked."""

_STILL_USED = "; what was read before is used further"


class Context:
    """The trust and the client certificate of new connections, from one state of the files."""

    def __init__(self, trust: Trust, identity: Optional[Identity], options: HttpOptions) -> None:
        self.identity = identity
        self._trust = trust
        self._ca, self._cert = options.ca, options.cert

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_hostname: str,
        session: Optional[ssl.SSLSession],
    ) -> ssl.SSLObject:
        """Begin a connection; `session` began with the same context. Raises StartError."""
        self._trust.show(self.identity)
        with self._trust.leaving_names(self._checks_name(server_hostname)):
            return self._trust.wrap_bio(
                incoming, outgoing, server_hostname=server_hostname, session=session
            )

    def check_name(self, stream: ssl.SSLObject, host: str) -> None:
        """Compare the name that a certificate must have, if OpenSSL has not done so already."""
        if self._checks_name(host):
            check_host(stream.getpeercert() or {}, host)

    def _checks_name(self, host: str) -> bool:
        return self._trust.check_hostname and is_compared_here(host)

    def watching(self, stream: object) -> AbstractContextManager[None]:
        """Return a block in which the certificates of the server's handshake are recorded."""
        return self._trust.handshakes.watch(stream, Shown(self._ca, self._cert))


class TlsSettings:
    """The TLS settings of all jobs that have the same files and keys."""

    def __init__(self, options: HttpOptions, clock: Clock) -> None:
        """Read the files; StartError names key, file, reason and remedy."""
        self._options = options
        self._clock = clock
        cert, key = options.cert, options.key or options.cert
        named = {"ca": options.ca, "cert": cert, "key": key if cert else None}
        self._paths = {key: path for key, path in named.items() if path is not None}
        self._reader = FileReader()
        files = self._read({}, options.connect_timeout)
        self._context = self._make(files)
        self._known = _without_content(files)
        self._next = clock.now() + _PERIOD
        self._reported: object = None

    def current(self, timeout: float = FILE_TIMEOUT) -> Context:
        """Return the context for a new connection, the same as long as the files do not change.

        The files are checked about once a second. New content that cannot be used
        changes nothing: often a certificate is replaced first, and then its key.
        """
        if self._paths and not self._reader.busy and self._clock.now() >= self._next:
            self._next = self._clock.now() + _PERIOD
            self._refresh(timeout)
        return self._context

    def _refresh(self, timeout: float) -> None:
        seen: Mapping[str, TlsFile] = {}
        try:
            if self._read(self._known, timeout) == self._known:
                return
            files = self._read({}, timeout)
            seen = _without_content(files)
            self._context = self._make(files)
        except StartError as error:
            self._report_unusable(str(error), seen)
        else:
            self._known, self._reported = seen, None
            self._report_change()

    def _report_unusable(self, text: str, seen: Mapping[str, TlsFile]) -> None:
        """Warn, once for each change."""
        if (text, seen) != self._reported:
            self._reported = text, seen
            _log.warning(f"{text}{_STILL_USED}")

    def _read(self, known: Mapping[str, TlsFile], timeout: float) -> Mapping[str, TlsFile]:
        return {
            key: self._reader.read(key, path, known.get(key), timeout)
            for key, path in self._paths.items()
        }

    def _make(self, files: Mapping[str, TlsFile]) -> Context:
        options, identity, ca = self._options, None, files.get("ca")
        if "cert" in files:
            identity = Identity(files["cert"], files["key"], options.passphrase)
        trust = find_trust(options.verify, ca, identity)
        trust.show(identity)  # now, to see whether it can be used
        return Context(trust, identity, options)

    def _report_change(self) -> None:
        _log.info("certificates read again", files=", ".join(self._paths.values()))
        identity, now = self._context.identity, self._clock.utc()
        if identity is None or identity.certificate is None:
            return
        text = expiry(identity.certificate, f"cert: {self._options.cert}", now, now)
        if text is not None:
            _log.warning(text)


def _without_content(files: Mapping[str, TlsFile]) -> Mapping[str, TlsFile]:
    """Return what shows whether files have changed: a bundle of authorities may be large."""
    return {key: file._replace(content=b"") for key, file in files.items()}


_shared: WeakValueDictionary[object, TlsSettings] = WeakValueDictionary()


def find_settings(options: HttpOptions, clock: Clock) -> TlsSettings:
    """Return the TLS settings of a job, the same for all with the same files and settings."""
    files = options.ca, options.cert, options.key
    same = files, options.verify, options.passphrase, clock
    settings = _shared.get(same)
    if settings is None:
        settings = _shared[same] = TlsSettings(options, clock)
    return settings


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
