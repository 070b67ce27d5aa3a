"""What must never be shown: which keys hold secrets, and how they are masked."""

from __future__ import annotations

import base64
import binascii
import netrc
import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from ..log.masks import Masks
from ..placeholders import PLACEHOLDERS, Template
from .tree import Text

MASK = "********"

_SECRET_KEY = re.compile(
    r"(pass(word|wd|phrase)?|pwd|secret|token|jwt|bearer|auth|authorization|cookie|credential"
    r"|session([-_]?id)?|signature|sig"
    r"|(api|access|account|auth|private|secret|shared|storage|subscription|function)s?[-_]?key"
    r")s?$",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(r"_file$|^key$", re.IGNORECASE)
_QUERY_ONLY = ("key", "code")  # what some services call a token in a URL

# Up to the last @ of the authority. Failing that the password holds a slash, which is wrong, and
# all the more reason not to show it.
_USER_INFO = re.compile(r"(?<=://)([^/?#@:\n]*):(?:([^/?#\n]*)|(?!\d*(?:[/?#\n]|$))([^\n]*))@")
_LONE_TOKEN = re.compile(r"(?:(?<=http://)|(?<=https://))[^/?#@:\n]{16,}(?=(?::[^/?#\n]*)?@)")
_QUERY = re.compile(r"(?<=[?&;])([^?&;=#\s]+)=([^&;#\s]+)")
_PLACEHOLDER = re.compile(rf"\{{(?:{'|'.join(PLACEHOLDERS)})\}}")
_IN_PARTS = re.compile(r"(auth|authorization|cookie|bearer)$", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']+'|\"[^\"]+\"|\{[^{}]+\}")
_SHORT = 4  # shorter pieces of a secret tell nothing, and stand in other words


def is_secret(key: str) -> bool:
    """True if what stands under this key, or in this header, is a secret."""
    return bool(_SECRET_KEY.search(key)) and not _NOT_SECRET.search(key)


def masked(key: str, text: str) -> str:
    """The text as it may be shown."""
    if is_secret(key) and text:
        return MASK
    for lent in _lent(text):
        text = text.replace(lent, MASK)
    return masked_url(_LONE_TOKEN.sub(MASK, _USER_INFO.sub(rf"\1:{MASK}@", text)))


def masked_url(text: str) -> str:
    """The text with the values of its secret query parameters masked, as in `?token=…`."""
    return _QUERY.sub(lambda found: f"{found[1]}={MASK}" if _tells(found) else found[0], text)


def _tells(found: re.Match[str]) -> bool:
    """True if a parameter of a query holds a secret, and not just placeholders."""
    name = unquote(found[1])
    return (is_secret(name) or name.lower() in _QUERY_ONLY) and bool(_PLACEHOLDER.sub("", found[2]))


def hushed(lines: Iterable[str], secrets: Collection[str]) -> list[str]:
    """Messages without the secrets, and without quoted pieces of them."""
    mask, secrets = Masks(secrets), [secret for secret in secrets if len(secret) >= _SHORT]

    def quoted(found: re.Match[str]) -> str:
        piece = found[0][1:-1]
        return f"'{MASK}'" if any(piece in secret for secret in secrets) else found[0]

    return [mask(_QUOTED.sub(quoted, line)) for line in lines]


def exposed(tree: Any, key: str = "") -> Iterator[str]:
    """Yield each file that others than owner and group can read and that spells out a secret."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from exposed(value, str(name))
    elif isinstance(tree, list):
        for value in tree:
            yield from exposed(value, key)
    elif isinstance(tree, Text) and tree.origin.line and not tree.origin.detail:
        told = any(True for secret in secrets_in(tree, key) if secret)
        if told and os.stat(tree.origin.source).st_mode & stat.S_IROTH:
            yield tree.origin.source


def secrets_in(data: Any, key: str = "") -> Iterator[str]:
    """Every secret text in a tree or in checked data, so that outputs can mask it anywhere."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from secrets_in(value, str(name))
    elif hasattr(data, "secrets"):
        yield from data.secrets
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from secrets_in(value, key)
    elif isinstance(data, (str, Template)):
        text = data if isinstance(data, str) else data.text
        yield from _lent(text)
        for secret in _spelled_out(text, key):
            yield secret
            yield from _literals(secret)
        if is_secret(key) and _IN_PARTS.search(key):
            yield from _parts(text)


def _lent(text: str) -> Iterator[str]:
    """The values of variables with telling names that went into a text, whatever its key."""
    origin = text.origin.detail if isinstance(text, Text) else ""
    for name in origin.partition("environment ")[2].split():
        if is_secret(name) and os.environ.get(name):
            yield os.environ[name]


def _spelled_out(text: str, key: str) -> Iterator[str]:
    if is_secret(key) and _PLACEHOLDER.sub("", text):
        yield text
    for _, password, broken in _USER_INFO.findall(text):
        yield password or broken
        yield unquote(password or broken)
    yield from _LONE_TOKEN.findall(text)
    for found in _QUERY.finditer(text):
        if _tells(found):
            yield found[2]
            yield unquote(found[2])


def _literals(text: str) -> Iterator[str]:
    """What of a template with a secret is the same for each transfer."""
    if "{" in text or "}" in text:
        kept = text.replace("{{", "\0").replace("}}", "\1")
        for literal in _PLACEHOLDER.split(kept):
            if len(literal) >= _SHORT and not literal.strip().isalpha():  # "Bearer "
                yield literal.replace("\0", "{").replace("\1", "}")


def _parts(text: str) -> Iterator[str]:
    """What may turn up alone: abc of `Bearer abc` and `session=abc`, the password in `Basic …`."""
    words = text.split()
    for word in words:
        value = word.partition("=")[2].strip(";,\"'")
        if len(value) >= _SHORT:
            yield value
    yield from (word for word in words[1:] if _PLACEHOLDER.sub("", word))
    if len(words) == 2 and words[0].lower() == "basic":
        with suppress(binascii.Error, UnicodeDecodeError):
            yield base64.b64decode(words[1], validate=True).decode().partition(":")[2]


def ambient() -> Iterator[str]:
    """The secrets of the environment that `trust_env` makes use of: of proxies, and ~/.netrc."""
    for name, value in os.environ.items():
        if name.lower().endswith("_proxy"):
            yield from secrets_in(value if "://" in value else f"http://{value}")
    with suppress(OSError, netrc.NetrcParseError, UnicodeDecodeError):
        for _, _, password in netrc.netrc(os.environ.get("NETRC")).hosts.values():
            yield password or ""
