"""Placeholders such as `{uuid}` in URLs, headers, form fields and remote names."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from types import MappingProxyType

from .clock import SECOND
from .text import iso_millis
from .transfer import Transfer

_HOSTNAME = socket.gethostname()

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
    }
)
"""Placeholders: the name in braces → the function that returns its value for a transfer."""

FROM_FILE = frozenset({"filename", "stem", "suffix", "path"})
"""Placeholders whose value comes from the name of the file, and is not trusted."""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Template:
    """A text with placeholders; the constructor raises ValueError for an unknown one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._form = ""  # with %s in place of each value
        self._values: list[Callable[[Transfer], str]] = []
        self.names: set[str] = set()
        end = 0
        for token in _TOKEN.finditer(text):
            self._add(text[end : token.start()])
            self._add_token(token)
            end = token.end()
        self._add(text[end:])
        self._fixed = None if self._values else self._form % ()

    def _add(self, literal: str) -> None:
        self._form += literal.replace("%", "%%")

    def _add_token(self, token: re.Match[str]) -> None:
        if token.group() in ("{{", "}}"):
            self._add(token.group()[0])
            return
        name = token.group(1)
        if name is None:
            raise ValueError(f"a single {token.group()!r}; write {token.group() * 2!r} for a brace")
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValueError(
                f"unknown placeholder {{{name}}}; there are {known}; write a literal brace twice"
            )
        self.names.add(name)
        self._form += "%s"
        self._values.append(PLACEHOLDERS[name])

    @property
    def constant(self) -> bool:
        """Whether the text is the same for every transfer."""
        return not self.names

    def render(self, transfer: Transfer, encode: Callable[[str], str] = str) -> str:
        """Return the text for this transfer; `encode` is applied to values, not to literal text."""
        if self._fixed is not None:
            return self._fixed
        # A list is faster than a generator, and this runs several times for each transfer.
        return self._form % tuple([encode(value(transfer)) for value in self._values])

    def __repr__(self) -> str:
        return f"Template({self.text!r})"
