"""Content that is made as it is sent, from a key and a number: the same wherever one begins."""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from ..content import BLOCK, SMALL, Content

_COUNTED = 16  # bytes of an AES block
_ZEROS = memoryview(bytes(BLOCK + _COUNTED))

_LINE = 64
_STAMP = _LINE // 2  # bytes that the first line shows


class Stream(Protocol):
    """Bytes without end."""

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""


class RandomBytes:
    """A stream that nothing compresses: AES in counter mode."""

    def __init__(self, key: bytes, start: int) -> None:
        self._cipher = AES(key)
        self._start = start

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""
        block, skipped = divmod(offset, _COUNTED)
        counter = (self._start + block) % (1 << 128)
        encryptor = Cipher(self._cipher, CTR(counter.to_bytes(_COUNTED, "big"))).encryptor()
        made = encryptor.update(_ZEROS[: skipped + length])
        return made[skipped:] if skipped else made


class TextLines:
    """A stream of lines of one length: the first differs everywhere, the others repeat a lot."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, offset: int, length: int) -> bytes:
        """Return `length` bytes, BLOCK at most, from any place."""
        first, skipped = divmod(offset, _LINE)
        count = -(-(skipped + length) // _LINE)
        chosen = self._stream.read(_STAMP + first, count)
        lines = [_LINES[byte] for byte in chosen]
        if lines and not first:
            lines[0] = b"%b\n" % self._stream.read(0, _STAMP).hex().encode()[: _LINE - 1]
        return b"".join(lines)[skipped : skipped + length]


class Generated(Content):
    """The first `size` bytes of a stream."""

    def __init__(self, size: int, stream: Stream) -> None:
        super().__init__(size, stream.read(0, size) if size <= SMALL else None)
        self._stream = stream

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
