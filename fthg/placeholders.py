"""Placeholders such as `{uuid}` in URLs, headers, form fields and remote names."""

from __future__ import annotations

import base64
import os
import re
import socket
import zlib
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Optional

from .clock import SECOND
from .text import iso_millis
from .transfer import Transfer

_HOSTNAME = socket.gethostname()


def _digest(transfer: Transfer, algorithm: str) -> bytes:
    assert transfer.content is not None  # noqa: S101 - what shows a digest has opened the file
    return transfer.content.digest(algorithm)


def _base64_digest(transfer: Transfer, algorithm: str) -> str:
    return base64.b64encode(_digest(transfer, algorithm)).decode()


def _random(transfer: Transfer) -> str:
    """Return the same digits wherever they are shown for one transfer."""
    return f"{zlib.crc32(transfer.uuid.encode()):08x}"


PLACEHOLDERS: Mapping[str, Callable[[Transfer], str]] = MappingProxyType(
    {
        "uuid": lambda t: t.uuid,
        "filename": lambda t: t.name.rpartition("/")[2],
        "stem": lambda t: os.path.splitext(os.path.basename(t.name))[0],
        "suffix": lambda t: os.path.splitext(t.name)[1],
        "path": lambda t: t.name,
        "size": lambda t: str(t.size),
        "job": lambda t: t.job,
        "seq": lambda t: str(t.seq),
        "timestamp": lambda t: iso_millis(t.utc),
        "epoch": lambda t: str(t.utc // SECOND),
        "epoch_ms": lambda t: str(t.utc // 1_000_000),
        "hostname": lambda _: _HOSTNAME,
        "random": _random,
        "sha256": lambda t: _digest(t, "sha256").hex(),
        "sha256_base64": lambda t: _base64_digest(t, "sha256"),
        "md5": lambda t: _digest(t, "md5").hex(),
        "md5_base64": lambda t: _base64_digest(t, "md5"),
    }
)
"""Placeholders: the name in braces → the function that returns its value for a transfer."""

FROM_FILE = frozenset({"filename", "stem", "suffix", "path"})
"""Placeholders whose value comes from the name of the file, and is not trusted."""

FROM_CONTENT = frozenset({"size", "sha256", "sha256_base64", "md5", "md5_base64"})
"""Placeholders whose value comes from the content that is sent, once it is open."""

BEFORE_FILE = PLACEHOLDERS.keys() - FROM_FILE - FROM_CONTENT
"""Placeholders whose value is known before there is a file."""

UNIQUE = frozenset({"uuid", "seq", "timestamp", "epoch", "epoch_ms", "random"})
"""Placeholders whose value differs from one transfer to the next, or mostly does."""

SPECIAL = r"\{\{|\}\}|\{[^{}]*\}|[{}]"
"""A regular expression for all that is not literal text: see `name_in`."""

_SPECIAL = re.compile(SPECIAL)


def name_in(token: str, known: Collection[str]) -> Optional[str]:
    """Return the name in a placeholder, None of a literal brace; ValueError if it is neither."""
    if token in ("{{", "}}"):
        return None
    if len(token) == 1:
        raise ValueError(f"a single {token!r}; write {token * 2!r} for a brace")
    name = token[1:-1]
    if name in known:
        return name
    those = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS if each in known)
    if name in PLACEHOLDERS:
        raise ValueError(f"{{{name}}} is not known here; there are {those}")
    raise ValueError(
        f"unknown placeholder {{{name}}}; there are {those}; write a literal brace twice"
    )


class Template:
    """A text with placeholders; the constructor raises ValueError for one that is not `known`."""

    def __init__(self, text: str, known: Collection[str] = PLACEHOLDERS) -> None:
        self.text = text
        self._form = ""  # with %s in place of each value
        self._values: list[Callable[[Transfer], str]] = []
        self.names: set[str] = set()
        end = 0
        for token in _SPECIAL.finditer(text):
            self._add(text[end : token.start()])
            self._add_token(token.group(), known)
            end = token.end()
        self._add(text[end:])
        self._fixed = None if self._values else self._form % ()

    def _add(self, literal: str) -> None:
        self._form += literal.replace("%", "%%")

    def _add_token(self, token: str, known: Collection[str]) -> None:
        name = name_in(token, known)
        if name is None:
            self._add(token[0])
            return
        self.names.add(name)
        self._form += "%s"
        self._values.append(PLACEHOLDERS[name])

    @property
    def constant(self) -> bool:
        """True if the text is the same for every transfer."""
        return not self.names

    def render(self, transfer: Transfer, encode: Callable[[str], str] = str) -> str:
        """Return the text for this transfer; `encode` is applied to values, not to literal text."""
        if self._fixed is not None:
            return self._fixed
        # A list is faster than a generator, and this runs several times for each transfer.
        return self._form % tuple([encode(value(transfer)) for value in self._values])

    def __repr__(self) -> str:
        return f"Template({self.text!r})"
