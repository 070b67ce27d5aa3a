"""`{uuid}` and its like in URLs, headers, form fields and remote names."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from types import MappingProxyType

from .clock import SECOND
from .transfer import Transfer

_HOSTNAME = socket.gethostname()


def _timestamp(transfer: Transfer) -> str:
    # In integers: a float would turn some .123 into .122, and differ from {epoch_ms}.
    seconds, nanoseconds = divmod(transfer.utc, SECOND)
    moment = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=nanoseconds // 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
        "timestamp": _timestamp,
        "epoch": lambda t: str(t.utc // SECOND),
        "epoch_ms": lambda t: str(t.utc // 1_000_000),
        "hostname": lambda _: _HOSTNAME,
    }
)
"""Each name that may stand in braces, and its value for a transfer."""

FROM_FILE = frozenset({"filename", "stem", "suffix", "path"})
"""Those whose value is chosen by whoever named the file: never trusted."""

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Template:
    """A text with placeholders, checked when it is made; raises ValueError on an unknown one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._form = ""  # with %s for each value
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
            raise ValueError(f"a lone {token.group()!r}; write {token.group() * 2!r} for a brace")
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise ValueError(
                f"unknown placeholder {{{name}}}; there are {known}; "
                "a brace that is meant is written twice"
            )
        self.names.add(name)
        self._form += "%s"
        self._values.append(PLACEHOLDERS[name])

    @property
    def constant(self) -> bool:
        """True if it renders to the same text for every transfer."""
        return not self.names

    def render(self, transfer: Transfer, encode: Callable[[str], str] = str) -> str:
        """The text for this transfer; `encode` is applied to values, not to literal text."""
        if self._fixed is not None:
            return self._fixed
        # A list, not a generator: this is done several times for every transfer.
        return self._form % tuple([encode(value(transfer)) for value in self._values])

    def __repr__(self) -> str:
        return f"Template({self.text!r})"
