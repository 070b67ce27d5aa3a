"""Certificates of hosts in the form of OpenSSH (PROTOCOL.certkeys): parsed, and checked.

Our own code, because the cryptography of RHEL 9 does not read such certificates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import paramiko

from ....clock import SECOND
from ....text import escape, zoned
from ...paramiko_fixes.client_transport import CERTIFICATE
from .known_hosts import fingerprint

_HOST = 2

_LONGEST_NAMES = 200
"""Characters of the names that a certificate is for: whoever made it chose them."""

_FIELDS: Mapping[str, int] = {
    "ssh-ed25519": 1,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "ssh-rsa": 2,
}
"""Strings of a public key after the name of its type."""

_SIGNATURES: Mapping[str, Sequence[str]] = {
    **{name: (name,) for name in _FIELDS},
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),  # SHA-1 is not trusted, as by ssh
}
"""The signatures that an authority of each type may make."""

_CLASSES: Mapping[str, type[paramiko.PKey]] = {
    **dict.fromkeys(_FIELDS, paramiko.ECDSAKey),
    "ssh-ed25519": paramiko.Ed25519Key,
    "ssh-rsa": paramiko.RSAKey,
}


class HostCertificate(NamedTuple):
    """The fields of a certificate; none is checked yet."""

    key: bytes  # the plain one
    serial: int
    type: int
    key_id: str
    principals: Sequence[str]  # none: every host
    valid_after: int  # seconds since 1970
    valid_before: int
    critical: bytes
    authority: bytes  # its key
    signed: bytes
    signature: bytes


class _Fields:
    """Reads the fields of a packet one after another; raises ValueError where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0

    def number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def string(self) -> bytes:
        return self._take(self.number(4))

    def text(self) -> str:
        return self.string().decode("utf-8", "replace")

    @property
    def at_end(self) -> bool:
        return self.position == len(self._data)

    def _take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self._data):
            raise ValueError(f"{size} bytes are missing at position {self.position}")
        data, self.position = self._data[self.position : end], end
        return data


def parse(data: bytes) -> HostCertificate:
    """Return the fields of a certificate; ValueError if it is none, or damaged."""
    fields = _Fields(data)
    name = fields.text()
    kind = name[: -len(CERTIFICATE)] if name.endswith(CERTIFICATE) else ""
    if kind not in _FIELDS:
        raise ValueError(f"{name[:60]!r} is no type of certificate that is known here")
    fields.string()  # a nonce
    begin = fields.position
    for _ in range(_FIELDS[kind]):
        fields.string()
    key = _string(kind.encode()) + data[begin : fields.position]
    serial, type_ = fields.number(8), fields.number(4)
    key_id, principals = fields.text(), _strings(fields.string())
    valid_after, valid_before = fields.number(8), fields.number(8)
    critical = fields.string()
    fields.string()  # extensions: none is defined for hosts
    fields.string()  # reserved
    authority = fields.string()
    key_words(authority)
    signed, signature = data[: fields.position], fields.string()
    if not fields.at_end:
        raise ValueError("there are bytes after its end")
    return HostCertificate(
        key, serial, type_, key_id, principals, valid_after, valid_before,
        critical, authority, signed, signature,
    )  # fmt: skip


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _strings(data: bytes) -> Sequence[str]:
    fields, found = _Fields(data), []
    while not fields.at_end:
        found.append(fields.text())
    return found


def problem(
    certificate: HostCertificate, host: str, authorities: Collection[bytes], utc: int
) -> str:
    """Return why a certificate does not prove the host's name, or nothing.

    `authorities`: the keys that known_hosts trusts for this host; `utc` in nanoseconds.
    """
    reasons = (
        _authority_problem(certificate, authorities),
        _period_problem(certificate, utc // SECOND),
        _name_problem(certificate, host),
    )
    return next(filter(None, reasons), "")


def _authority_problem(certificate: HostCertificate, authorities: Collection[bytes]) -> str:
    if certificate.authority not in authorities:
        return f"is signed by {key_words(certificate.authority)}, which is no @cert-authority of it"
    if not _is_signed(certificate):
        return f"has no valid signature of its authority {key_words(certificate.authority)}"
    return ""


def _period_problem(certificate: HostCertificate, second: int) -> str:
    if second < certificate.valid_after:
        return f"is valid only from {_shown(certificate.valid_after)}"
    if second >= certificate.valid_before:
        return f"expired at {_shown(certificate.valid_before)}"
    return ""


def _shown(second: int) -> str:
    return zoned(second * SECOND)


def _name_problem(certificate: HostCertificate, host: str) -> str:
    if certificate.type != _HOST:
        return "is one of a user, not of a host"
    if certificate.critical:
        return "has critical options, of which none is known for hosts"
    names = certificate.principals
    if names and host.lower() not in names:
        return f"is for {escape(', '.join(names)[:_LONGEST_NAMES])}, and not for {host}"
    return ""


def _is_signed(certificate: HostCertificate) -> bool:
    try:
        kind = _Fields(certificate.authority).text()
        if _signature_name(certificate.signature) not in _SIGNATURES.get(kind, ()):
            return False
        authority = _CLASSES[kind](paramiko.Message(certificate.authority))
        return authority.verify_ssh_sig(certificate.signed, paramiko.Message(certificate.signature))
    except Exception:  # noqa: BLE001 - paramiko and cryptography raise of every kind here
        return False


def _signature_name(signature: bytes) -> str:
    """Return the algorithm of a signature; ValueError if it is damaged, which paramiko ignores."""
    fields = _Fields(signature)
    name, value = fields.text(), fields.string()
    numbers = _strings(value) if name.startswith("ecdsa-") else ["", ""]
    if not fields.at_end or len(numbers) != 2:  # those of ECDSA are two
        raise ValueError("there are bytes after its end")
    return name


def key_words(key: bytes) -> str:
    """Return type and fingerprint of a public key, for people; ValueError if it has no type."""
    return f"{escape(_Fields(key).text()[:60])} {fingerprint(key)}"
