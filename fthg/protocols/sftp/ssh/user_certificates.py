"""Reads OpenSSH's certificates of users' keys (PROTOCOL.certkeys)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import NamedTuple

from paramiko.message import Message

from ....text import iso_seconds, quote
from ...paramiko_fixes.client_transport import CERTIFICATE

_KEY_FIELDS: Mapping[str, int] = {
    "ssh-ed25519": 1,
    "ssh-dss": 4,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
"""Type of key → fields of its public part; those of most have two."""

_LONGEST_NAME = 60
_USER = 1
_FOREVER = 2**64 - 1
_LATEST = 253_402_300_799  # the end of the year 9999


class Certificate(NamedTuple):
    """A certificate and its fields."""

    type: str
    blob: bytes
    public_key: bytes  # that it is for, as in a line of authorized_keys
    name: str  # the CA's name for it: ssh-keygen -I
    begins: int  # seconds since 1970
    ends: int

    @property
    def validity(self) -> tuple[datetime, datetime]:
        """Its first and its last moment, as far as calendars have them."""
        first, last = (
            datetime.fromtimestamp(min(each, _LATEST), timezone.utc)
            for each in (self.begins, self.ends)
        )
        return first, last

    @property
    def name_shown(self) -> str:
        """Its name, as people read it."""
        return quote(self.name[:_LONGEST_NAME])

    @property
    def text(self) -> str:
        """Its name and end, as people read them."""
        name = self.name_shown
        if self.ends == _FOREVER:
            return name
        try:
            return f"{name}, valid until {iso_seconds(self.ends * 10**9)}"
        except (OverflowError, ValueError, OSError):
            return name  # the end of all calendars


def parse_line(line: str) -> Certificate:
    """Read a certificate file's line: type, base64, comment; raises ValueError."""
    fields = line.split()
    try:
        blob = base64.b64decode(fields[1], validate=True)
    except (IndexError, ValueError):
        raise ValueError("is no SSH certificate; ssh-keygen -s makes one") from None
    return parse(blob)


def parse(blob: bytes) -> Certificate:
    """Read a certificate; raises ValueError."""
    message = Message(blob)
    kind = message.get_binary().decode("ascii", "replace")
    if not kind.endswith(CERTIFICATE):
        raise ValueError(f"is no certificate, but a key of type {kind[:40]!r}")
    plain = kind[: -len(CERTIFICATE)]
    if plain.startswith("sk-"):  # in hardware, which an agent may hold
        plain += "@openssh.com"
    message.get_binary()  # nonce
    public = Message()
    public.add_string(plain)
    for _ in range(_KEY_FIELDS.get(plain, 2)):
        public.add_string(message.get_binary())
    message.get_int64()  # serial
    if message.get_int() != _USER:
        raise ValueError("is a certificate of a host, not of a user")
    name = message.get_binary().decode("utf-8", "replace")
    message.get_binary()  # principals
    begins, ends = message.get_int64(), message.get_int64()
    if not message.get_remainder():
        raise ValueError("is a damaged certificate")
    return Certificate(kind, blob, public.asbytes(), name, begins, ends)
