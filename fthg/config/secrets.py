"""What must never be shown: which keys hold secrets, and how they are masked."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from ..placeholders import Template
from .tree import Text

MASK = "********"

_SECRET_KEY = re.compile(
    r"(password|passphrase|secret|token|bearer|authorization|cookie|credential|api[-_]?key)s?$",
    re.IGNORECASE,
)
_NOT_SECRET = re.compile(r"_file$|^key$", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)([^/@:]*):([^/@]*)@")


def is_secret(key: str) -> bool:
    """True if what stands under this key, or in this header, is a secret."""
    return bool(_SECRET_KEY.search(key)) and not _NOT_SECRET.search(key)


def masked(key: str, text: str) -> str:
    """The text as it may be shown."""
    return MASK if is_secret(key) and text else _USER_INFO.sub(rf"\1:{MASK}@", text)


def exposed(tree: Any, key: str = "") -> Iterator[str]:
    """Yield each file that others than owner and group can read and that spells out a secret."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from exposed(value, str(name))
    elif isinstance(tree, list):
        for value in tree:
            yield from exposed(value, key)
    elif isinstance(tree, Text) and tree.origin.line and not tree.origin.detail:
        told = (is_secret(key) and bool(tree)) or bool(_USER_INFO.search(tree))
        if told and os.stat(tree.origin.source).st_mode & stat.S_IROTH:
            yield tree.origin.source


def secrets_in(data: Any, key: str = "") -> Iterator[str]:
    """Every secret text in checked data, so that outputs can mask it wherever it turns up."""
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
        if is_secret(key):
            yield text
            yield from text.split()[1:]  # "Bearer abc": the latter alone, too
        yield from (password for _, password in _USER_INFO.findall(text))
