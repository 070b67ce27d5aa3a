"""The secrets within one text: found, so that outputs can mask them anywhere, or masked here."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from urllib.parse import unquote

from ..log.masks import Masks
from ..placeholders import PLACEHOLDERS
from .secret_names import is_secret_name, is_secret_parameter
from .tree import DEFAULT, Text

MASK = "********"

# Up to the last @ of the authority. Failing that the password holds a slash, which is wrong, and
# all the more reason not to show it; of a bounded length, so that all takes linear time.
_USER_INFO = re.compile(
    r"(?<=://)([^/?#:\n]*):(?:([^/?#\n]*)|(?!\d*(?:[/?#\n]|$))([^\n]{0,1000}))@"
)
_LONE_TOKEN = re.compile(r"(?:(?<=http://)|(?<=https://))[^/?#@:\n]{16,}(?=(?::[^/?#\n]*)?@)")
_QUERY = re.compile(r"(?<=[?&;])([^?&;=#\s]+)=([^&;#\s]+)")
_PLACEHOLDER = re.compile(rf"\{{(?:{'|'.join(PLACEHOLDERS)})\}}")
_IN_PARTS = re.compile(r"(auth|authorization|cookie|bearer)$", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']+'|\"[^\"]+\"|\{[^{}]+\}")
_SHORT = 4  # shorter pieces of a secret reveal nothing, and occur in other words


def masked(text: str) -> str:
    """Return the text without the secrets of URLs and of environment variables in it."""
    for value in _of_variables(text):
        text = text.replace(value, MASK)
    return masked_url(_LONE_TOKEN.sub(MASK, _USER_INFO.sub(rf"\1:{MASK}@", text)))


def masked_url(text: str) -> str:
    """Return the text with the values of its secret query parameters masked, as in `?token=…`."""
    return _QUERY.sub(lambda found: f"{found[1]}={MASK}" if _is_secret(found) else found[0], text)


def mask_messages(messages: Iterable[str], secrets: Collection[str]) -> list[str]:
    """Return messages without the secrets, and without quoted pieces of them."""
    mask, secrets = Masks(secrets), [secret for secret in secrets if len(secret) >= _SHORT]

    def mask_piece(found: re.Match[str]) -> str:
        piece = found[0][1:-1]
        return f"'{MASK}'" if any(piece in secret for secret in secrets) else found[0]

    return [mask(_QUOTED.sub(mask_piece, message)) for message in messages]


def find_secrets(text: str, name: str, secret: bool) -> Iterator[str]:
    """Yield every secret in the text of the key `name`, which may be a `secret` as a whole."""
    yield from _of_variables(text)
    for found in _spelled_out(text, secret):
        yield found
        yield from _literals(found)
        for _, cell in _cells(text):
            if secret or cell == found or (len(cell) >= _SHORT and cell in found):
                yield cell
    if secret and _IN_PARTS.search(name):
        yield from _parts(text)


def _of_variables(text: str) -> Iterator[str]:
    """Yield the values of secret variables and columns in a text, whatever its key."""
    detail = text.origin.detail if isinstance(text, Text) else ""
    for name in detail.partition("environment ")[2].split():
        if is_secret_name(name) and os.environ.get(name):
            yield os.environ[name]
    yield from (cell for column, cell in _cells(text) if is_secret_name(column))


def _cells(text: str) -> Iterator[tuple[str, str]]:
    """Yield column and text of the cells that a text was made of, but empty ones."""
    origin = text.origin if isinstance(text, Text) else DEFAULT
    yield from ((cell.column, cell.text) for cell in origin.cells if cell.text)


def _spelled_out(text: str, secret: bool) -> Iterator[str]:
    if secret and _PLACEHOLDER.sub("", text):
        yield text
    for _, password, broken in _USER_INFO.findall(text):
        yield password or broken
        yield unquote(password or broken)
    for token in _LONE_TOKEN.findall(text):
        yield token
        yield unquote(token)
    for found in _QUERY.finditer(text):
        if _is_secret(found):
            yield found[2]
            yield unquote(found[2])


def _is_secret(parameter: re.Match[str]) -> bool:
    """Return whether a parameter of a query holds a secret, and not just placeholders."""
    name, value = unquote(parameter[1]), _PLACEHOLDER.sub("", parameter[2])
    return is_secret_parameter(name) and bool(value)


def _literals(text: str) -> Iterator[str]:
    """Yield the parts of a secret template that are the same for each transfer."""
    if "{" in text or "}" in text:
        escaped = text.replace("{{", "\0").replace("}}", "\1")
        for literal in _PLACEHOLDER.split(escaped):
            if len(literal) >= _SHORT and not literal.strip().isalpha():  # "Bearer "
                yield literal.replace("\0", "{").replace("\1", "}")


def _parts(text: str) -> Iterator[str]:
    """Yield what may occur alone: abc of `Bearer abc` and `session=abc`, a password in base64."""
    words = text.split()
    for word in words:
        value = word.partition("=")[2].strip(";,\"'")
        if len(value) >= _SHORT:
            yield value
    yield from (word for word in words[1:] if _PLACEHOLDER.sub("", word))
    if len(words) == 2 and words[0].lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            yield base64.b64decode(words[1], validate=True).decode().partition(":")[2]
