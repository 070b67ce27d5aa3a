"""A secret that may stand in a file: read again when the file changes."""

from __future__ import annotations

from typing import Optional


class SecretText:
    """A password or a token; no representation shows it."""

    def __init__(self, text: str, path: Optional[str] = None) -> None:
        """`path`: the file whose first line it is."""
        self._text = text
        self._path = path

    def current(self) -> str:
        """Return the secret as it is now."""
        return self._text

    def __repr__(self) -> str:
        return "SecretText(***)"
