"""The SSH algorithms that a job allows, in the order of its preference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import paramiko
import voluptuous as vol

from ....config import values
from ....config.schema import Nested, key
from ....text import did_you_mean
from ...paramiko_fixes.client_transport import CERTIFICATE, ClientTransport

LIBRARY = f"paramiko {paramiko.__version__}"

_RELEASES: Mapping[str, Sequence[str]] = {
    "before 5.0": (
        "diffie-hellman-group-exchange-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group1-sha1",
        "ssh-rsa",
        "ssh-dss",
    ),
    "since 3.5": ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com"),
    "since 5.1": ("mlkem768x25519-sha256",),
}
"""Algorithms that not all releases of paramiko have."""


class Algorithms(NamedTuple):
    """Names of algorithms by their use; none: those of the library."""

    kex: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()  # of the user's own key


LIBRARYS = Algorithms()
"""Those of the library, in its order."""


def present(family: str) -> Sequence[str]:
    """Return all algorithms of a family that this installation has, the preferred ones first."""
    preferred, possible = _ATTRIBUTES[family]
    names = [*getattr(ClientTransport, preferred), *getattr(ClientTransport, possible)]
    return tuple(dict.fromkeys(name for name in names if not name.startswith("gss-")))


_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "kex": ("_preferred_kex", "_kex_info"),
    "ciphers": ("_preferred_ciphers", "_cipher_info"),
    "macs": ("_preferred_macs", "_mac_info"),
    "host_keys": ("_preferred_keys", "_preferred_keys"),  # without the certificates
    "signatures": ("_preferred_pubkeys", "_preferred_pubkeys"),
}
"""Family → names of paramiko's attributes: the algorithms it proposes, and those it knows."""


def _algorithms(value: Any) -> Algorithms:
    if not isinstance(value, dict):
        raise vol.Invalid("must be a mapping: {ciphers: [aes256-ctr], macs: [hmac-sha2-256]}")
    return Algorithms(**vol.Schema(_KEYS)(value))


def _names(family: str) -> values.Reader:
    known = present(family)

    def name(value: Any) -> str:
        word = values.filled(value).strip()
        if word not in known:
            raise vol.Invalid(_unknown(word, known))
        return word

    read = values.list_of(name)

    def names(value: Any) -> tuple[str, ...]:
        listed = tuple(dict.fromkeys(read(value)))
        if not listed:
            raise vol.Invalid(
                f"an empty list allows nothing; leave it out, or list some of {', '.join(known)}"
            )
        return listed

    return names


def _unknown(word: str, known: Sequence[str]) -> str:
    if word.endswith(CERTIFICATE):
        return (
            f"{word!r} needs no name of its own: certificates are asked for where known_hosts has"
            f" a @cert-authority; write {plain(word)!r}"
        )
    similar = did_you_mean(word, known)
    listed = "" if similar.startswith("; there are") else f"; there are {', '.join(known)}"
    return f"{word!r} is not in {LIBRARY}{elsewhere([word])}{similar}{listed}"


_KEYS = {
    key("kex", "key exchanges"): _names("kex"),
    key("ciphers", "ciphers"): _names("ciphers"),
    key("macs", "MACs; those of GCM need none"): _names("macs"),
    key("host_keys", "algorithms of the server's host key"): _names("host_keys"),
    key("signatures", "algorithms of the user's own key"): _names("signatures"),
}

algorithms = Nested(_algorithms, _KEYS)
"""Reads `{kex: [...], ciphers: [...], macs: [...], host_keys: [...], signatures: [...]}`."""


def plain(name: str) -> str:
    """Return the name of the algorithm without a certificate."""
    return name.removesuffix(CERTIFICATE)


def elsewhere(names: Iterable[str]) -> str:
    """Return ` (it is in releases before 5.0)` for the first algorithm of which that is known."""
    wanted = {plain(name) for name in names}
    for release, held in _RELEASES.items():
        if found := [name for name in held if name in wanted]:
            return f" (releases {release} have {found[0]})"
    return ""


def fitting(key_type: str, signatures: Sequence[str]) -> Sequence[str]:
    """Return the signatures that a key of this type can make."""
    bare = plain(key_type)
    return [
        name
        for name in signatures
        if name == bare or (bare == "ssh-rsa" and name.startswith("rsa-sha2-"))
    ]
