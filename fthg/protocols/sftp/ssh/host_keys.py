"""Checks the host key of a server against known_hosts, by the rules of ssh."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from functools import cache, partial
from typing import Optional

from paramiko import PKey

from ....access import Access, threads_of
from ....errors import StartError, TransferError
from ....log import Log
from ....writing.appending import append_line, ends_within_line, locked
from ...host_limits import host_limit
from . import host_certificates, known_hosts
from .changing_files import READ_TIMEOUT, ChangingFile
from .host_certificates import HostCertificate
from .known_hosts import Entry, Parsed, fingerprint

STRICT, ACCEPT_NEW, IGNORE = POLICIES = ("strict", "accept-new", "ignore")

_log = Log("fthg.sftp")


class HostKeys:
    """The host keys that a job trusts, read again for each connection: the file may be fixed."""

    def __init__(self, path: str, policy: str, host: str = "HOST", port: int = 22) -> None:
        """Read the file; host and port are those of the job, for the error if there is none."""
        self._path = path
        self._policy = policy
        self._accepted: set[tuple[str, bytes]] = set()  # in this run, should writing them fail
        self._malformed: Sequence[int] = ()
        if policy != IGNORE:
            self._file = self._opened(host, port)
            self._warn_of(self._file.last)

    def key_types(self, host: str, port: int) -> Sequence[str]:
        """Return the types of key that are known of this host, to ask the server for those."""
        known = [e.type for each in self._known(host, port, "") for e in each]
        return tuple(dict.fromkeys(known))

    def has_authority(self, host: str, port: int) -> bool:
        """Return True if a certificate of this host could be checked."""
        return any(self._known(host, port, "@cert-authority"))

    def check(self, host: str, port: int, key: PKey, utc: int) -> None:
        """Accept the host's key at this time, or raise TransferError (host_key).

        As ssh does: a certificate that proves nothing is worth its plain key.
        """
        if self._policy == IGNORE:
            return
        certificate, reason = _certificate(key)
        name = known_hosts.names(host, port)[0]
        self._check_revoked(name, key, certificate, self._known(host, port, "@revoked"))
        if certificate:
            authorities = self._known(host, port, "@cert-authority")
            trusted = [e.key for each in authorities for e in each]
            reason = host_certificates.problem(certificate, host, trusted, utc)
            if not reason:
                return
        if reason:
            _log.debug("host certificate not accepted", host=name, reason=reason)
        self._check_plain(host, port, key, f"its certificate {reason}; and " if reason else "")

    def _known(self, host: str, port: int, marker: str) -> Sequence[Sequence[Entry]]:
        """Return the entries of a host with a marker, for each of its names."""
        if self._policy == IGNORE:
            return ()
        parsed, names = self._parsed(), known_hosts.names(host, port)
        return [[e for e in parsed.of(name) if e.marker == marker] for name in names]

    def _check_revoked(
        self,
        name: str,
        key: PKey,
        certificate: Optional[HostCertificate],
        revoked: Sequence[Sequence[Entry]],
    ) -> None:
        keys = {e.key for each in revoked for e in each}
        if key.asbytes() in keys:
            raise self._refusal(name, key, "it is marked @revoked")
        if certificate and certificate.authority in keys:
            shown = host_certificates.key_words(certificate.authority)
            raise self._refusal(
                name, key, f"the authority of its certificate, {shown}, is @revoked"
            )

    def _check_plain(self, host: str, port: int, key: PKey, prefix: str) -> None:
        name, blob = known_hosts.names(host, port)[0], key.asbytes()
        exact, *others = self._known(host, port, "")
        if any(e.key == blob for e in exact) or (name, blob) in self._accepted:
            return
        if exact:
            places = ", ".join(f"{e.type} in line {e.line}" for e in exact)
            remedy = f"if the change is right, remove it with: ssh-keygen -R '{name}'"
            reason = f"{prefix}it has CHANGED; known: {places}; {remedy}"
            raise self._refusal(name, key, reason)
        # Only where the name with its port is unknown does the one without count.
        if any(e.key == blob for each in others for e in each):
            return
        if self._policy == STRICT:
            lacking = not prefix and self.has_authority(host, port)
            raise self._refusal(name, key, prefix + _unknown(host, port, lacking))
        self._accept(name, key)

    def _refusal(self, name: str, key: PKey, reason: str) -> TransferError:
        shown = f"{key.get_name()} {fingerprint(key.asbytes())}"
        return TransferError("host_key", f"{name}: {shown}: {reason} ({self._path})")

    def _opened(self, host: str, port: int) -> ChangingFile[Parsed]:
        """Return the file; StartError for what would make each connection fail."""
        try:
            file = _file(self._path)
        except OSError as error:
            reason = f"{self._path} cannot be read: {error.strerror}"
            raise StartError(f"known_hosts: {reason}; make it readable for this user") from None
        if self._policy == STRICT and not file.exists and not os.path.exists(self._path):
            command = f"ssh-keyscan -p {port} {host} >> {shlex.quote(self._path)}"
            remedy = f"make it by `{command}` and compare the key, or set host_key: accept-new"
            raise StartError(f"known_hosts: {self._path} does not exist; {remedy}")
        return file

    def _parsed(self) -> Parsed:
        """Return what the file holds now."""
        try:
            parsed = self._file.current()
        except OSError as error:
            if limit := host_limit(error, self._path):
                raise limit from None
            reason = f"{self._path} cannot be read: {error.strerror}"
            raise TransferError("host_key", reason) from None
        self._warn_of(parsed)
        return parsed

    def _warn_of(self, parsed: Parsed) -> None:
        if parsed.malformed and parsed.malformed != self._malformed:
            lines = ", ".join(map(str, parsed.malformed))
            _log.warning("malformed lines of known_hosts are ignored", file=self._path, lines=lines)
        self._malformed = parsed.malformed

    def _accept(self, name: str, key: PKey) -> None:
        self._accepted.add((name, key.asbytes()))
        shown = fingerprint(key.asbytes())
        _log.warning("host key accepted", host=name, key=key.get_name(), fingerprint=shown)
        line = f"{name} {key.get_name()} {key.get_base64()}\n"
        access = Access(local=False, timeout=READ_TIMEOUT, threads=threads_of(self._path))
        try:
            access(partial(_append, self._path, line.encode()))
        except OSError as error:
            _log.warning("known_hosts not written", file=self._path, reason=error.strerror)


@cache
def _file(path: str) -> ChangingFile[Parsed]:
    """Return a file of any job: it is parsed once for all."""
    return ChangingFile(path, _read)


def _read(path: str) -> Parsed:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return known_hosts.parse(file)
    except FileNotFoundError:
        return known_hosts.parse(())


def _certificate(key: PKey) -> tuple[Optional[HostCertificate], str]:
    """Return the certificate that came with a key, or why it cannot be used."""
    if not key.public_blob:
        return None, ""
    try:
        certificate = host_certificates.parse(key.public_blob.key_blob)
    except ValueError as error:
        return None, f"cannot be read: {error}"
    if certificate.key != key.asbytes():
        return None, "is not of this key"
    return certificate, ""


def _unknown(host: str, port: int, lacking: bool) -> str:
    reason = "it is unknown"
    if lacking:
        reason += ", and it has no certificate of the @cert-authority that is known"
    return f"{reason}; compare it, then: ssh-keyscan -p {port} {host} >> known_hosts"


def _append(path: str, line: bytes) -> None:
    """Add a line; other processes may do the same, and the last line may lack its end."""
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with locked(file):
            with open(file, "rb", closefd=False) as reader:
                present = reader.read()
            if line not in present:
                _, _, error = append_line(file, line, ends_within_line(file))
                if error:
                    raise error
    finally:
        os.close(file)
