"""Secrets that can be distinguished, and a search for them that knows no masking of fthg."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, unquote, unquote_plus

_NASTY = "/+&'\"<>! %$"
_END = 10  # letters and digits at each end of a secret, which no encoding changes
_WORD = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_BODY = re.compile(r"^[A-Za-z0-9+/=]{40,}$", re.MULTILINE)


class Canaries:
    """A secret for each place that takes one: each needs quoting everywhere."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __getitem__(self, place: str) -> str:
        """Return the secret of a place: the same each time."""
        return self._known.setdefault(
            place, f"K{secrets.token_hex(5)}{_NASTY}{secrets.token_hex(5)}"
        )

    def word(self, place: str) -> str:
        """Return the secret of a place that takes no spaces."""
        return self._known.setdefault(place, self[f"{place} "].replace(" ", ""))

    def plain(self, place: str) -> str:
        """Return the secret of a place that takes letters and digits only."""
        return self._known.setdefault(place, f"K{secrets.token_hex(10)}")

    def in_yaml(self, place: str) -> str:
        """Return the secret of a place as it stands between single quotes in YAML."""
        return self[place].replace("'", "''")

    def in_url(self, place: str) -> str:
        """Return the secret of a place as it stands in a URL."""
        return quote(self[place], safe="")

    def hide_keys(self, path: Path) -> None:
        """Add the lines of a private key's file as secrets."""
        for number, line in enumerate(_BODY.findall(path.read_text())):
            self._known[f"{path.name} line {number}"] = line

    def found(self, outputs: dict[str, bytes]) -> list[str]:
        """Return each place whose secret, or either end of it, is in an output in any encoding."""
        return [
            f"{place} in {name}"
            for name, data in outputs.items()
            for spelling in _spellings(data)
            for place, secret in self._known.items()
            for part in (secret[:_END], secret[-_END:])
            if part.encode() in spelling
        ]


def _spellings(data: bytes) -> Iterator[bytes]:
    text = data.decode("utf-8", "replace")
    yield data
    yield unquote(text).encode()
    yield unquote_plus(text).encode()
    yield b"\n".join(_decoded(data))


def _decoded(data: bytes) -> Iterator[bytes]:
    """Yield everything that might be base64, decoded at each of four offsets."""
    for word in _WORD.findall(data):
        for start in range(4):
            part = word[start:].rstrip(b"=")
            yield base64.urlsafe_b64decode(
                part[: len(part) // 4 * 4].replace(b"+", b"-").replace(b"/", b"_")
            )
