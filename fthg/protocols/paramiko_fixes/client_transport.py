"""Negotiates algorithms beyond paramiko's API (2.12 to 5.1), and stores the server's offer.

It puts host certificates after all plain keys, knows curve25519-sha256 only by the name from before
RFC 8731, and says of a failed negotiation no more than that it failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import paramiko
from paramiko.ssh_exception import SSHException

CERTIFICATE = "-cert-v01@openssh.com"
"""The end of the name of each algorithm of certificates."""

_OLD_NAME, _NAME = "curve25519-sha256@libssh.org", "curve25519-sha256"


def _with_curve(preferred: Sequence[str]) -> Sequence[str]:
    """Return the key exchanges with the new name before the old one."""
    names = [(_NAME, name) if name == _OLD_NAME else (name,) for name in preferred]
    return tuple(name for pair in names for name in pair)


def _curve(known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the implementations of key exchanges, that of the old name also under the new one."""
    return {**known, _NAME: known[_OLD_NAME]} if _OLD_NAME in known else known


class ClientTransport(paramiko.Transport):
    """The transport of a client, with a settable list of host key algorithms to propose."""

    _kex_info: Mapping[str, Any] = _curve(paramiko.Transport._kex_info)  # type: ignore[attr-defined]
    _preferred_kex: Sequence[str] = _with_curve(paramiko.Transport._preferred_kex)  # type: ignore[attr-defined]

    host_key_algorithms: Sequence[str] = ()
    """The algorithms of host keys to propose, those of certificates among them."""

    offered: Mapping[str, Sequence[str]] = {}
    """The lists of the server's last KEXINIT by paramiko's names; none before the first came."""

    @property
    def preferred_keys(self) -> Sequence[str]:
        """Return the proposal for host keys: paramiko asks for it by this name."""
        return self.host_key_algorithms

    def _parse_kex_init(self, message: paramiko.Message) -> None:
        copy = paramiko.Message(message.asbytes())
        self.offered = self._really_parse_kex_init(copy)  # type: ignore[attr-defined]
        super()._parse_kex_init(message)  # type: ignore[misc]

    def _verify_key(self, host_key: bytes, signature: bytes) -> None:
        """Check the server's signature; 2.12 takes one of SHA-1 where SHA-2 was agreed on."""
        agreed = (self.host_key_type or "").replace(CERTIFICATE, "")
        made = paramiko.Message(signature).get_text()
        if made != agreed:
            raise SSHException(f"the server signs with {made[:60]!r}, and {agreed} was agreed on")
        super()._verify_key(host_key, signature)  # type: ignore[misc]
