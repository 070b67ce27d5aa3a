"""Servers that allow one algorithm only, and what gets through to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .cell import THROUGH, Cell

_NO_SHA1 = "paramiko 5 has no SHA-1 here"
_NO_GCM = "paramiko 2.12 has no AES-GCM"
_NEITHER = "paramiko has no ChaCha20"
_NO_SNTRUP = "paramiko has no sntrup761"
_NO_GROUP18 = "paramiko has no group 18"
_NO_ETM_SHA1 = "paramiko has SHA-1 only without -etm"
_NO_UMAC = "paramiko has no UMAC"


class Family(NamedTuple):
    """A use of algorithms: its key in `algorithms`, and the word of sshd and ssh for it."""

    key: str
    word: str


FAMILIES: Mapping[str, Family] = {
    "key exchange": Family("kex", "KexAlgorithms"),
    "cipher": Family("ciphers", "Ciphers"),
    "MAC": Family("macs", "MACs"),
    "host key": Family("host_keys", "HostKeyAlgorithms"),
    "signature of the user's key": Family("signatures", "PubkeyAcceptedAlgorithms"),
}

ALL_OLD = "all of them at once"
OLD: Mapping[str, str] = {
    "key exchange": "diffie-hellman-group14-sha1",
    "cipher": "3des-cbc",
    "MAC": "hmac-sha1",
    "host key": "ssh-rsa",
    "signature of the user's key": "ssh-rsa",
}
"""Use → what a server of many years ago has."""


class Allowed(NamedTuple):
    """The algorithms that a server allows, and the outcome with each set of fthg."""

    name: str
    newest: str = THROUGH
    el9: str = THROUGH
    named: bool = False  # only if the job names it: `algorithms`


ALLOWED: Mapping[str, tuple[Allowed, ...]] = {
    "key exchange": (
        Allowed("curve25519-sha256"),
        Allowed("curve25519-sha256@libssh.org"),
        Allowed("ecdh-sha2-nistp256"),
        Allowed("ecdh-sha2-nistp384"),
        Allowed("ecdh-sha2-nistp521"),
        Allowed("sntrup761x25519-sha512@openssh.com", _NO_SNTRUP, _NO_SNTRUP),
        Allowed("diffie-hellman-group18-sha512", _NO_GROUP18, _NO_GROUP18),
        Allowed("diffie-hellman-group16-sha512"),
        Allowed("diffie-hellman-group14-sha256"),
        Allowed("diffie-hellman-group-exchange-sha256"),
        Allowed("diffie-hellman-group-exchange-sha1", _NO_SHA1),
        Allowed("diffie-hellman-group14-sha1", _NO_SHA1),
        Allowed("diffie-hellman-group1-sha1", _NO_SHA1),
    ),
    "cipher": (
        Allowed("aes128-ctr"),
        Allowed("aes256-ctr"),
        Allowed("aes128-gcm@openssh.com", el9=_NO_GCM),
        Allowed("aes256-gcm@openssh.com", el9=_NO_GCM),
        Allowed("chacha20-poly1305@openssh.com", _NEITHER, _NEITHER),
        Allowed("aes128-cbc"),
        Allowed("3des-cbc"),
    ),
    "MAC": (
        Allowed("hmac-sha2-256"),
        Allowed("hmac-sha2-512"),
        Allowed("hmac-sha2-256-etm@openssh.com"),
        Allowed("hmac-sha2-512-etm@openssh.com"),
        Allowed("hmac-sha1"),
        Allowed("hmac-sha1-etm@openssh.com", _NO_ETM_SHA1, _NO_ETM_SHA1),
        Allowed("umac-64@openssh.com", _NO_UMAC, _NO_UMAC),
        Allowed("umac-128-etm@openssh.com", _NO_UMAC, _NO_UMAC),
    ),
    "host key": (
        Allowed("ssh-ed25519"),
        Allowed("ecdsa-sha2-nistp256"),
        Allowed("rsa-sha2-256"),
        Allowed("rsa-sha2-512"),
        Allowed("ssh-rsa", _NO_SHA1),
        Allowed("ssh-ed25519-cert-v01@openssh.com"),
        Allowed("rsa-sha2-256-cert-v01@openssh.com"),
    ),
    "signature of the user's key": (
        Allowed("ssh-ed25519"),
        Allowed("ecdsa-sha2-nistp256"),
        Allowed("rsa-sha2-256", named=True),
        Allowed("rsa-sha2-512"),
        Allowed("ssh-rsa", _NO_SHA1, named=True),
    ),
}  # fmt: skip
"""Use → each algorithm that OpenSSH's sshd has, as the only one that it allows."""

ALGORITHMS = [
    Cell(
        use,
        allowed.name,
        newest=allowed.newest,
        el9=allowed.el9,
        needs={"algorithms": {FAMILIES[use].key: [allowed.name]}} if allowed.named else {},
    )
    for use, group in ALLOWED.items()
    for allowed in group
]
ALGORITHMS.append(
    Cell(
        ALL_OLD,
        ", ".join(dict.fromkeys(OLD.values())),
        newest=_NO_SHA1,
        needs={"algorithms": {"signatures": ["ssh-rsa"]}},
    )
)
"""The server of a cell is OpenSSH, in which one use of algorithms is restricted, or all of them."""


def allowed_by(cell: Cell) -> Mapping[str, str]:
    """Return use → the algorithm that is the only one there."""
    return OLD if cell.server == ALL_OLD else {cell.server: cell.trait}
