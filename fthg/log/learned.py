"""Secrets that come up in mid-run: tokens that are fetched, and files that are read again."""

from __future__ import annotations

import weakref
from collections import deque

from .forms import Forms

_KEPT = 50
"""Secrets of one source: a transfer may last for many lives of a short-lived token."""


class Learned:
    """The latest secrets of each source, as long as that source is there itself."""

    def __init__(self) -> None:
        self.forms = Forms()
        self._of: weakref.WeakKeyDictionary[object, deque[str]] = weakref.WeakKeyDictionary()

    def add(self, source: object, secret: str) -> None:
        """Mask a secret from now on, in every output of this process."""
        known = self._of.get(source)
        if known is None:
            known = self._of[source] = deque()
            weakref.finalize(source, self._forget, known).atexit = False
        if secret in known:
            return
        self.forms.add(secret)
        known.append(secret)
        if len(known) > _KEPT:
            self.forms.discard(known.popleft())

    def _forget(self, known: deque[str]) -> None:
        while known:
            self.forms.discard(known.popleft())


LEARNED = Learned()
"""Those of this process; outputs are made before they are known."""
