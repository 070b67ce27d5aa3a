"""Text for people: what is safe on a terminal, moments in UTC and local time, near words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'timeout'?` or, where nothing is near, `; there are …`."""
    known = list(known)
    if near := difflib.get_close_matches(word.lower(), known, n=1):
        return f"; did you mean {near[0]!r}?"
    return f"; there are {', '.join(known)}" if known else ""
