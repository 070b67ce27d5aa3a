"""Negotiates algorithms, and explains failed negotiations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import paramiko

from ....errors import StartError, TransferError
from ....text import cut, escape
from ...paramiko_fixes.client_transport import CERTIFICATE, ClientTransport
from .algorithms import LIBRARY, Algorithms, elsewhere, fitting, plain, present
from .host_keys import HostKeys

_FASTEST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr")
"""Ciphers that cost least, best first; older releases of paramiko lack the first two."""

_LONGEST_LIST = 200
"""Characters of what the server offers: the names are its own."""

_NO_ALGORITHM = ("ext-info-", "kex-strict-")
"""Names in the list of key exchanges that only announce extensions of the protocol."""

_NO_SIGNATURE = "agree on a pubkey algorithm"
"""Paramiko's text where the server takes no signature of a key; only RSA has several."""


class _Family(NamedTuple):
    """A family of algorithms, of which both sides must have one in common."""

    key: str  # of the configuration
    title: str
    ours: str  # paramiko's name of what we propose
    theirs: tuple[str, ...]  # and of what the server offers, in both directions


_FAMILIES = (
    _Family("kex", "key exchange", "preferred_kex", ("kex_algo_list",)),
    _Family("host_keys", "host key algorithm", "preferred_keys", ("server_key_algo_list",)),
    _Family(
        "ciphers",
        "cipher",
        "preferred_ciphers",
        ("client_encrypt_algo_list", "server_encrypt_algo_list"),
    ),
    _Family("macs", "MAC", "preferred_macs", ("client_mac_algo_list", "server_mac_algo_list")),
    _Family(
        "",
        "compression",
        "preferred_compression",
        ("client_compress_algo_list", "server_compress_algo_list"),
    ),
)


def shake_hands(
    transport: ClientTransport,
    host: str,
    port: int,
    chosen: Algorithms,
    host_keys: HostKeys,
    utc: Callable[[], int],
) -> None:
    """Agree on algorithms and check the host's key; raises TransferError (host_key)."""
    known, certified = host_keys.key_types(host, port), host_keys.has_authority(host, port)
    _propose(transport, chosen, known, certified)
    transport.start_client()
    try:
        host_keys.check(host, port, transport.get_remote_server_key(), utc())
    except TransferError as error:
        if error.kind != "host_key":
            raise
        offered = _listed(transport.offered["server_key_algo_list"])
        raise TransferError("host_key", f"{error.detail}; the server offers {offered}") from None


def _propose(
    transport: ClientTransport, chosen: Algorithms, known_types: Sequence[str], certified: bool
) -> None:
    """Set what the job allows; else ask for the fastest ciphers and for keys that are known.

    `certified`: a certificate of the host can be checked, and is asked for before plain keys.
    """
    options = transport.get_security_options()
    options.kex = chosen.kex or options.kex
    options.ciphers = chosen.ciphers or _first(_FASTEST, options.ciphers)
    options.digests = chosen.macs or options.digests
    wanted = [name for each in known_types for name in fitting(each, options.key_types)]
    without = chosen.host_keys or _first(wanted, options.key_types)
    with_one = tuple(name + CERTIFICATE for name in without)
    transport.host_key_algorithms = (*with_one, *without) if certified else (*without, *with_one)
    if chosen.signatures:
        transport._preferred_pubkeys = chosen.signatures  # type: ignore[attr-defined]


def _first(wanted: Sequence[str], present: Sequence[str]) -> tuple[str, ...]:
    """Return what is present, with the wanted ones moved to the front."""
    return tuple(dict.fromkeys([*(w for w in wanted if w in present), *present]))


def disagreement(transport: ClientTransport) -> str:
    """Describe the family in which the two sides have nothing in common; empty if there is none."""
    offered = transport.offered
    for family in _FAMILIES if offered else ():
        ours: Sequence[str] = getattr(transport, family.ours)
        for direction in family.theirs:
            theirs = [name for name in offered[direction] if not name.startswith(_NO_ALGORITHM)]
            if not set(ours) & set(theirs):
                return _words(family.key, family.title, theirs, theirs, ours)
    return ""


def check_signatures(key_type: str, chosen: Algorithms) -> None:
    """Raise StartError if none of the signatures that the job allows can be made with its key."""
    if chosen.signatures and not fitting(key_type, chosen.signatures):
        possible = ", ".join(fitting(key_type, present("signatures")))
        listed = ", ".join(chosen.signatures)
        raise StartError(
            f"algorithms: signatures: the key is {key_type}, which makes none of {listed}; "
            f"list one of {possible}, or leave signatures out"
        )


def explain_signature(transport: paramiko.Transport, reason: str) -> str:
    """Return paramiko's reason, or what both sides offer if no signature of the RSA key fits."""
    if _NO_SIGNATURE not in reason:
        return reason
    extensions: Any = transport.server_extensions  # type: ignore[attr-defined]
    theirs = extensions.get("server-sig-algs", b"").decode("utf-8", "replace").split(",")
    ours = fitting("ssh-rsa", transport._preferred_pubkeys)  # type: ignore[attr-defined]
    helpful = fitting("ssh-rsa", theirs)
    return _words("signatures", "signature", theirs, helpful, ours)


def _words(
    key: str, title: str, theirs: Sequence[str], helpful: Sequence[str], ours: Sequence[str]
) -> str:
    """Describe what both sides offer, and how to enable one of the server's."""
    reason = f"no {title} in common: the server offers {_listed(theirs)}"
    possible = present(key) if key else ()
    usable = dict.fromkeys(plain(name) for name in helpful if plain(name) in possible)
    if usable:
        reason += f"; set algorithms: {{{key}: [{', '.join(usable)}]}}"
    elif key:
        reason += f"; {LIBRARY} has none of these{elsewhere(helpful)}"
    shown = [name for name in ours if not name.endswith(CERTIFICATE)]
    return f"{reason}; fthg offers {_listed(shown)}"


def _listed(names: Sequence[str]) -> str:
    return cut(escape(", ".join(filter(None, names))) or "none", _LONGEST_LIST)
