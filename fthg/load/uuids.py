"""The ids of transfers."""

from __future__ import annotations

import os
from collections.abc import Iterator

_AT_ONCE = 256


def uuids() -> Iterator[str]:
    """Yield random UUIDs (RFC 9562, version 4) without end, many for one system call.

    Each process must start its own after a fork.
    """
    while True:
        block = os.urandom(16 * _AT_ONCE).hex()
        for at in range(0, len(block), 32):
            yield _version_4(block[at : at + 32])


def _version_4(digits: str) -> str:
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
