"""Checks the host key of a server against known_hosts, by the rules of ssh."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from paramiko import PKey

from ...errors import StartError, TransferError
from ...log import Log
from ...writing.appending import append_line, ends_within_line, locked
from ..host_limits import host_limit
from . import known_hosts
from .known_hosts import Entry

STRICT, ACCEPT_NEW, IGNORE = POLICIES = ("strict", "accept-new", "ignore")

_log = Log("fthg.sftp")

Parsed = tuple[Sequence[Entry], Sequence[int]]
"""The entries of a file, and the numbers of its malformed lines."""

_known: dict[str, tuple[tuple[int, ...], Parsed]] = {}
"""The files of all jobs by their paths, with what changes when a file does."""


def fingerprint(key: bytes) -> str:
    """Return SHA256:…, as ssh-keygen -l shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


class HostKeys:
    """The host keys that a job trusts, read again for each connection: the file may be fixed."""

    def __init__(self, path: str, policy: str) -> None:
        self._path = path
        self._policy = policy
        self._accepted: set[tuple[str, bytes]] = set()  # in this run, should writing them fail
        self._malformed: Sequence[int] = ()
        if policy != IGNORE:
            self._check_file()

    def key_types(self, host: str, port: int) -> Sequence[str]:
        """Return the types of key that are known of this host, to ask the server for those."""
        if self._policy == IGNORE:
            return ()
        entries = self._entries()
        known = [e.type for n in known_hosts.names(host, port) for e in entries if _plain(e, n)]
        return tuple(dict.fromkeys(known))

    def check(self, host: str, port: int, key: PKey) -> None:
        """Accept the host's key, or raise TransferError (host_key)."""
        if self._policy == IGNORE:
            return
        blob, entries, names = key.asbytes(), self._entries(), known_hosts.names(host, port)
        found = [e for e in entries if any(known_hosts.matches_host(e, name) for name in names)]
        if any(e.marker == "@revoked" and e.key == blob for e in found):
            raise self._refusal(names[0], key, "it is marked @revoked")
        if any(e.key == blob and not e.marker for e in found) or (names[0], blob) in self._accepted:
            return
        known = [e for e in entries if _plain(e, names[0])]
        if known:
            places = ", ".join(f"{e.type} in line {e.line}" for e in known)
            remedy = f"if the change is right, remove it with: ssh-keygen -R '{names[0]}'"
            raise self._refusal(names[0], key, f"it has CHANGED, known is {places}; {remedy}")
        if self._policy == STRICT:
            raise self._refusal(names[0], key, _unknown(host, port, found))
        self._accept(names[0], key)

    def _refusal(self, name: str, key: PKey, reason: str) -> TransferError:
        shown = f"{key.get_name()} {fingerprint(key.asbytes())}"
        return TransferError("host_key", f"{name}: {shown}: {reason} ({self._path})")

    def _check_file(self) -> None:
        """Raise StartError for what would make each connection fail."""
        if not os.path.exists(self._path):
            if self._policy == STRICT:
                remedy = "make it with ssh-keyscan, or set host_key: accept-new"
                raise StartError(f"known_hosts: {self._path} does not exist; {remedy}")
            return
        try:
            self._read()
        except OSError as error:
            reason = f"{self._path} cannot be read: {error.strerror}"
            raise StartError(f"known_hosts: {reason}; make it readable for this user") from None

    def _entries(self) -> Sequence[Entry]:
        try:
            return self._read()
        except FileNotFoundError:
            return ()
        except OSError as error:
            if limit := host_limit(error, self._path):
                raise limit from None
            reason = f"{self._path} cannot be read: {error.strerror}"
            raise TransferError("host_key", reason) from None

    def _read(self) -> Sequence[Entry]:
        entries, malformed = _parsed(self._path)
        if malformed and malformed != self._malformed:
            lines = ", ".join(map(str, malformed))
            _log.warning("malformed lines of known_hosts are ignored", file=self._path, lines=lines)
        self._malformed = malformed
        return entries

    def _accept(self, name: str, key: PKey) -> None:
        self._accepted.add((name, key.asbytes()))
        shown = fingerprint(key.asbytes())
        _log.warning("host key accepted", host=name, key=key.get_name(), fingerprint=shown)
        line = f"{name} {key.get_name()} {key.get_base64()}\n"
        try:
            os.makedirs(os.path.dirname(self._path) or ".", mode=0o700, exist_ok=True)
            _append(self._path, line.encode())
        except OSError as error:
            _log.warning("known_hosts not written", file=self._path, reason=error.strerror)


def _parsed(path: str) -> Parsed:
    """Return what the file holds now; it is parsed when it has changed, once for all jobs."""
    with open(path, encoding="utf-8", errors="replace") as file:
        found = os.fstat(file.fileno())
        version = found.st_ino, found.st_mtime_ns, found.st_size
        known = _known.get(path)
        if known is None or known[0] != version:
            known = _known[path] = version, known_hosts.parse(file)
    return known[1]


def _plain(entry: Entry, name: str) -> bool:
    return not entry.marker and known_hosts.matches_host(entry, name)


def _unknown(host: str, port: int, found: Sequence[Entry]) -> str:
    if any(entry.marker == "@cert-authority" for entry in found):
        return "only a @cert-authority is known, and host certificates are not supported; " + (
            "add the key itself"
        )
    return f"it is unknown; compare it, then: ssh-keyscan -p {port} {host} >> known_hosts"


def _append(path: str, line: bytes) -> None:
    """Add a line; other processes may do the same, and the last line may lack its end."""
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
