"""UUIDs by value: one key for all spellings of a UUID in a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Optional, Union

Key = Union[bytes, str]
"""The 16 bytes of a UUID, or the text of a malformed one; the two never compare equal."""


def key_of(value: Any) -> Optional[Key]:
    """Return the key of a column's value of any type, case and dashes; None for NULL."""
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray)):
        if len(value) == 16:
            return bytes(value)
        value = value.decode("utf-8", "replace")
    text = str(value).strip()
    digits = text.replace("-", "")
    if len(digits) == 32:
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            return text
        return key if len(key) == 16 else text
    return text


def show_key(key: Optional[Key]) -> Optional[str]:
    """Format a UUID with 36 characters in lower case; return any other text unchanged."""
    return dashed(key.hex()) if isinstance(key, bytes) else key


def dashed(digits: str) -> str:
    """Format 32 digits as `8-4-4-4-12`."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def spellings(keys: Iterable[Key], binary: bool) -> Iterator[Key]:
    """Yield all spellings of the keys in a column: texts, or bytes if it is binary."""
    for key in keys:
        if isinstance(key, str):
            yield key.encode() if binary else key
            continue
        if binary:
            yield key
        digits = key.hex()
        for text in (digits, dashed(digits)):
            for case in (text, text.upper()):
                yield case.encode() if binary else case
