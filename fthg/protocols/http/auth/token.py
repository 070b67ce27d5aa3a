"""Reads the answers of a token server (RFC 6749, section 5); it touches no network."""

from __future__ import annotations

import json
from typing import Any, Optional

from ....clock import SECOND
from ..body_text import LIMIT
from .authorization import token_of

_LONGEST_LIFE = 10**9  # seconds; more is for ever
_EARLY = 30.0  # seconds before its end at which a token is renewed, or at half of a shorter life
_RESERVE = 5.0  # seconds before its end from which on it is not used, or a tenth of a shorter life
_FOR_EVER = 2**62
_UNACCEPTED_LIFE = 10 * SECOND


class Token:
    """A token, and the readings of the clock at which it must be renewed, and must not be used."""

    def __init__(self, text: str, life: Optional[float], asked: int) -> None:
        """`life`: seconds since it was `asked` for; None: until it is refused."""
        self.text = text
        self.renew_at = self.good_until = _FOR_EVER
        self.accepted = False
        """True once the server has taken it."""
        self._asked = asked
        if life is not None:
            self.renew_at = asked + round((life - min(_EARLY, life / 2)) * SECOND)
            self.good_until = asked + round((life - min(_RESERVE, life / 10)) * SECOND)

    def refuse(self) -> bool:
        """Record that the server has refused it; return True if another one may help at once.

        A new one that is refused says that the server wants another client, or another scope: it
        is renewed, but not with each transfer.
        """
        if self.accepted:
            self.good_until = 0
            return True
        self.good_until = min(self.good_until, self._asked + _UNACCEPTED_LIFE)
        return False


def parse_token(body: bytes, asked: int) -> Token:
    """Return the token of an answer; raises ValueError with the reason why there is none."""
    read = _mapping(body)
    if read is None:
        raise ValueError("the answer of the token server is not a mapping in JSON")
    text, kind = read.get("access_token"), read.get("token_type", "Bearer")
    if not isinstance(text, str):
        raise ValueError("the answer of the token server has no access_token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise ValueError(f"the token server gives tokens of type {_shown(kind)}, not Bearer")
    return Token(token_of(text), _life(read.get("expires_in")), asked)


def error_words(body: bytes) -> str:
    """Return error and error_description of an answer, or nothing (section 5.2)."""
    read = _mapping(body) or {}
    words = [read.get(name) for name in ("error", "error_description")]
    return ": ".join(_shown(word) for word in words if isinstance(word, str) and word)


def _mapping(body: bytes) -> Optional[dict[str, Any]]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _life(value: Any) -> Optional[float]:
    """Return a life in seconds; some servers write the number as text."""
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < _LONGEST_LIFE else None


def _shown(value: Any) -> str:
    return " ".join(str(value).split())[:LIMIT]
