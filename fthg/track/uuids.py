"""UUIDs by value: one key for all spellings of a UUID in a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional, Union

Key = Union[bytes, str]
"""The 16 bytes of a UUID, or the text of a malformed one; the two never compare equal."""

_URN = "urn:uuid:"
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext")
_UNICODE = ("utf8mb4", "utf16", "utf16le", "utf32")
_PLANE_0 = ("utf8", "utf8mb3", "ucs2")  # the character sets that end at U+FFFF
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")


class UuidForm(NamedTuple):
    """The form in which a column may hold UUIDs."""

    binary: bool = False
    length: int = 0  # most characters or bytes; 0: enough for each spelling
    padded: bool = False  # with zero bytes up to the length
    folded: bool = False  # upper and lower case are the same
    native: bool = False  # MariaDB's type UUID, which has one spelling
    charset: str = "utf8mb4"  # of texts, as the server names it


def uuid_form(declared: str, collation: Optional[str]) -> Optional[UuidForm]:
    """Return the form of a column of a declared type such as `char(36)`; None if it has none."""
    found = re.match(r"(\w+)(?:\((\d+)\))?", declared.lower())
    kind, length = (found[1], int(found[2] or 0)) if found else ("", 0)
    if kind == "uuid":
        return UuidForm(native=True)
    if kind in _BYTES:
        return UuidForm(binary=True, length=length, padded=kind == "binary")
    if kind in _TEXTS:
        collation = collation or "utf8mb4_bin"
        folded, charset = collation.endswith("_ci"), collation.split("_")[0]
        return UuidForm(length=length, folded=folded, charset=charset)
    return None


def key_of(value: Any) -> Optional[Key]:
    """Return the key of a column's value, whatever its type, case, dashes, braces or URN prefix.

    None for NULL.
    """
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray)):
        if len(value) == 16:
            return bytes(value)
        value = value.decode("utf-8", "replace").rstrip("\0")
    text = str(value)
    digits = text.replace("-", "")
    if len(digits) != 32:
        text = text.strip()
        digits = _undressed(text).replace("-", "")
    if len(digits) == 32:
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            return text.strip()
        if len(key) == 16:
            return key
    return text.strip()


def _undressed(text: str) -> str:
    """Remove the prefix of a URN and braces."""
    if text[: len(_URN)].lower() == _URN:
        text = text[len(_URN) :].strip()
    return text[1:-1].strip() if text[:1] == "{" and text[-1:] == "}" else text


def show_key(key: Optional[Key]) -> Optional[str]:
    """Format a UUID with 36 characters in lower case; return any other text unchanged."""
    return dashed(key.hex()) if isinstance(key, bytes) else key


def dashed(digits: str) -> str:
    """Format 32 digits as `8-4-4-4-12`."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def spellings(key: Key, form: UuidForm) -> Iterator[Key]:
    """Yield all spellings of a key in a column of this form: texts, or bytes if it is binary."""
    if isinstance(key, bytes) and form.binary and (not form.padded or form.length == 16):
        yield key
    for text in _texts(key, form):
        if not form.length or len(text.encode() if form.binary else text) <= form.length:
            yield _as_bytes(text, form) if form.binary else text


def _can_hold(charset: str, text: str) -> bool:
    """Return True if a column can hold a text; a server refuses to look for another in it."""
    if text.isascii() or charset in _UNICODE:
        return True
    if charset in _PLANE_0:
        return max(text) <= "\uffff"
    try:
        text.encode("cp1252" if charset == "latin1" else charset)
    except (LookupError, UnicodeError):
        return False
    return True


def _as_bytes(text: str, form: UuidForm) -> bytes:
    return text.encode().ljust(form.length if form.padded else 0, b"\0")


def _texts(key: Key, form: UuidForm) -> Iterator[str]:
    if isinstance(key, str):
        if not form.native and _can_hold(form.charset, key):
            yield key
        return
    digits = key.hex()
    text = dashed(digits)
    if form.native:
        yield text
        return
    for lower in (text, digits, f"{{{text}}}", f"{{{digits}}}", f"{_URN}{text}"):
        yield lower
        if not form.folded:
            yield lower.upper()
    if not form.folded:
        yield f"{_URN}{text.upper()}"
