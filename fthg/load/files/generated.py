"""Generated content, made from a key while it is sent; it can be read from any offset."""

from __future__ import annotations

from hashlib import shake_128
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from ...content import BLOCK, SMALL, Content

_COUNTED = 16  # bytes of an AES block
_FEW = 4096  # bytes of content
_ZEROS = memoryview(bytes(BLOCK + _COUNTED))

_LINE = 64
_STAMP = _LINE // 2  # bytes that the first line shows


class Stream(Protocol):
    """Bytes without end."""

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""


class RandomBytes:
    """A stream that nothing compresses: AES in counter mode."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AES(key)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""
        block, skipped = divmod(offset, _COUNTED)
        encryptor = Cipher(self._cipher, CTR(block.to_bytes(_COUNTED, "big"))).encryptor()
        made = encryptor.update(_ZEROS[: skipped + length])
        return made[skipped:] if skipped else made


class FewBytes:
    """The same for short content: a hash function, which costs less to begin than a cipher."""

    def __init__(self, key: bytes) -> None:
        self._hash = shake_128(key)

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes; takes the time of all that come before, too."""
        return self._hash.digest(offset + length)[offset:]


class TextLines:
    """A stream of lines of one length: the first differs everywhere, the others repeat a lot."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""
        first, skipped = divmod(offset, _LINE)
        count = -(-(skipped + length) // _LINE)
        if first:
            lines = [_LINES[byte] for byte in self._stream.read(_STAMP + first, count)]
        else:
            chosen = self._stream.read(0, _STAMP + count)
            stamp = f"{chosen[:_STAMP].hex()[: _LINE - 1]}\n".encode()
            lines = [stamp, *[_LINES[byte] for byte in chosen[_STAMP + 1 :]]]
        return b"".join(lines)[skipped : skipped + length]


class Generated(Content):
    """`size` bytes that depend on nothing but size, kind and 32 bytes of `key`."""

    def __init__(self, size: int, key: bytes, *, text: bool) -> None:
        few = size <= _FEW
        stream: Stream = FewBytes(key) if few else RandomBytes(key)
        self._stream = TextLines(stream) if text else stream
        super().__init__(size, self._stream.read(0, size) if size <= SMALL else None)

    def read_at_once(self, offset: int, most: int = BLOCK) -> bytes:
        """Return a block, in any thread."""
        return self._stream.read(offset, min(most, BLOCK, self.size - offset))


_SUBJECTS = (
    "order", "invoice", "delivery note", "payment", "customer record", "price list", "stock report",
    "return", "reminder", "credit note", "offer", "contract", "receipt", "shipment", "tax form",
    "statement of account",
)  # fmt: skip
_VERBS = (
    "was accepted", "was refused", "is being checked", "waits for a signature", "was archived",
    "was printed", "was corrected", "is on its way", "was delivered", "has expired", "was paid",
    "is incomplete", "was forwarded", "was opened", "is due", "was cancelled",
)  # fmt: skip
_LINES = [
    f"{f'the {subject} ':.<32}{f' {verb}':.>31}\n".encode()
    for subject in _SUBJECTS
    for verb in _VERBS
]
"""A line for each value of a byte."""
