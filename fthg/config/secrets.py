"""What must never be shown: which keys hold secrets, and how they are masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..placeholders import Template

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
