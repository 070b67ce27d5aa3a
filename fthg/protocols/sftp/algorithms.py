"""The algorithms of SSH that a job allows, in the order of its preference."""

from __future__ import annotations

from typing import Any, NamedTuple

import voluptuous as vol

from ...config import values


class Algorithms(NamedTuple):
    """Names of algorithms by their use; none: those of the library."""

    kex: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    host_keys: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()  # of the user's own key


def algorithms(value: Any) -> Algorithms:
    """Read `{kex: [...], ciphers: [...], macs: [...], host_keys: [...], signatures: [...]}`."""
    if not isinstance(value, dict):
        raise vol.Invalid("must be a mapping: {ciphers: [aes256-ctr], macs: [hmac-sha2-256]}")
    read = vol.Schema({name: values.list_of(values.filled) for name in Algorithms._fields})(value)
    return Algorithms(**{name: tuple(words) for name, words in read.items()})
