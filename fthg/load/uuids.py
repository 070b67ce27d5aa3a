"""The ids of transfers."""

from __future__ import annotations

import os
from collections.abc import Iterator

_AT_ONCE = 256
_VERSION = bytes(0x40 | byte & 0x0F for byte in range(256))
_VARIANT = bytes(0x80 | byte & 0x3F for byte in range(256))


def uuids() -> Iterator[str]:
    """Yield random UUIDs (RFC 9562, version 4) without end, many for one system call.

    Each process must start its own after a fork.
    """
    while True:
        block = bytearray(os.urandom(16 * _AT_ONCE))
        block[6::16] = block[6::16].translate(_VERSION)
        block[8::16] = block[8::16].translate(_VARIANT)
        text = block.hex()
        for at in range(0, len(text), 32):
            one = text[at : at + 32]
            yield f"{one[:8]}-{one[8:12]}-{one[12:16]}-{one[16:20]}-{one[20:]}"
