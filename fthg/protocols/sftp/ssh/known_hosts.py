"""Parses the lines of a known_hosts file, and matches them to hosts (sshd(8), known_hosts)."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

MARKERS = ("@revoked", "@cert-authority")


class Entry(NamedTuple):
    """One line: a key and the hosts that it is for."""

    line: int  # from 1
    marker: str  # of MARKERS, or empty
    hosts: str  # patterns with commas, or hashed
    type: str  # ssh-ed25519 …
    key: bytes


class Parsed:
    """The entries of a file, and the numbers of its malformed lines."""

    def __init__(self, entries: Sequence[Entry], malformed: Sequence[int]) -> None:
        self.entries = entries
        self.malformed = malformed
        self._found: dict[str, Sequence[Entry]] = {}

    def of(self, name: str) -> Sequence[Entry]:
        """Return the entries of a host name: to find them among thousands of hashes takes long."""
        if name not in self._found:
            self._found[name] = [each for each in self.entries if matches_host(each, name)]
        return self._found[name]


def parse(lines: Iterable[str]) -> Parsed:
    """Read the lines of a file."""
    entries: list[Entry] = []
    malformed: list[int] = []
    for number, text in enumerate(lines, start=1):
        fields = text.split()
        if not fields or fields[0].startswith("#"):
            continue
        entry = _entry(number, fields)
        if entry:
            entries.append(entry)
        else:
            malformed.append(number)
    return Parsed(entries, malformed)


def _entry(number: int, fields: list[str]) -> Optional[Entry]:
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    if len(fields) < 3 or (marker and marker not in MARKERS):
        return None
    try:
        key = base64.b64decode(fields[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    # The key holds its own type as well: 4 bytes of length, then the name.
    if key[4 : 4 + len(fields[1])] != fields[1].encode():
        return None
    return Entry(number, marker, fields[0], fields[1], key)


def fingerprint(key: bytes) -> str:
    """Return SHA256:…, as ssh-keygen -l shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def names(host: str, port: int) -> Sequence[str]:
    """Return the names of a host in the file, the exact one first."""
    host = host.lower()
    return (host,) if port == 22 else (f"[{host}]:{port}", host)


def matches_host(entry: Entry, name: str) -> bool:
    """Return True if the entry is for this host name."""
    if entry.hosts.startswith("|"):
        return _is_hash_of(entry.hosts, name)
    found = False
    for pattern in entry.hosts.lower().split(","):
        if _matches(pattern.lstrip("!"), name):
            if pattern.startswith("!"):
                return False
            found = True
    return found


def _matches(pattern: str, name: str) -> bool:
    # Only * and ? are special here, while fnmatch knows brackets too.
    return fnmatch.fnmatchcase(name, re.sub(r"\[", "[[]", pattern))


def _is_hash_of(hashed: str, name: str) -> bool:
    try:
        _, version, salt, digest = hashed.split("|")
        expected = base64.b64decode(digest)
        found = hmac.digest(base64.b64decode(salt), name.encode(), "sha1")
    except ValueError:
        return False
    return version == "1" and hmac.compare_digest(found, expected)
