"""The forms in which secrets may stand in a text: as they are, or in base64."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Optional

SHORT = 4
"""A shorter secret is masked as a whole word only: "a" is in most texts."""

LONGEST = 256
"""More than is kept of a server's message."""

_MANY = 200  # forms from which it is faster to look at each piece of a text


class Forms:
    """The forms of some secrets; the same secret may be added more than once, and discarded."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._uses: dict[str, int] = {}  # of each form, and of each short secret
        self._by_beginning: dict[str, list[str]] = {}
        self._short: set[str] = set()
        self._words: Optional[re.Pattern[str]] = None
        for secret in secrets:
            self.add(secret)

    def __len__(self) -> int:
        return len(self._uses)

    def add(self, secret: str) -> None:
        """Know a secret from now on."""
        for form in _all_forms(secret):
            uses = self._uses[form] = self._uses.get(form, 0) + 1
            if uses > 1:
                continue
            if len(form) < SHORT:
                self._short.add(form)
                self._words = None
            else:
                self._by_beginning.setdefault(form[:SHORT], []).append(form)

    def discard(self, secret: str) -> None:
        """Forget a secret, unless it was added more often than this."""
        for form in _all_forms(secret):
            self._uses[form] -= 1
            if self._uses[form]:
                continue
            del self._uses[form]
            if len(form) < SHORT:
                self._short.discard(form)
                self._words = None
            else:
                self._by_beginning[form[:SHORT]].remove(form)
                if not self._by_beginning[form[:SHORT]]:
                    del self._by_beginning[form[:SHORT]]

    def found_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each form in a text; they may overlap."""
        for form in self._long_ones(text):
            start = text.find(form)
            while start >= 0:
                yield start, start + len(form)
                start = text.find(form, start + 1)
        if self._short:
            yield from (found.span() for found in self._word_pattern().finditer(text))

    def cut_off(self, text: str) -> int:
        """Return where the first part of a form begins that ends the text, or its length."""
        if self._by_beginning:
            for start in range(max(0, len(text) - LONGEST + 1), len(text) - SHORT + 1):
                end = text[start:]
                known = self._by_beginning.get(end[:SHORT], ())
                if any(len(form) > len(end) and form.startswith(end) for form in known):
                    return start
        return len(text)

    def _long_ones(self, text: str) -> Collection[str]:
        if len(self._uses) < _MANY:  # a copy: another thread may add one
            forms = tuple(self._uses)
            return [form for form in forms if len(form) >= SHORT and form in text]
        beginnings = {text[at : at + SHORT] for at in range(len(text) - SHORT + 1)}
        found = [part for part in beginnings if part in self._by_beginning]
        return [form for part in found for form in self._by_beginning.get(part, ()) if form in text]

    def _word_pattern(self) -> re.Pattern[str]:
        words = self._words
        if words is None:
            either = "|".join(map(re.escape, sorted(self._short)))
            words = self._words = re.compile(rf"(?<!\w)(?:{either})(?!\w)")
        return words


def _all_forms(secret: str) -> set[str]:
    """Return the forms of a secret, with and without the blanks around it; of blanks none."""
    if not secret.strip():
        return set()
    spelled = {secret, secret.strip()}
    short = {each for each in spelled if len(each) < SHORT}
    return short.union(*(_forms(each) for each in spelled - short))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    words = " ".join(secret.split())
    if len(words) >= SHORT:
        yield words
    data = secret.encode("utf-8", "surrogateescape")
    yield data.decode("latin-1")
    yield from _base64_forms(data)
    with suppress(UnicodeEncodeError):
        yield from _base64_forms(secret.encode("latin-1"))


def _base64_forms(data: bytes) -> Iterator[str]:
    # "Authorization: Basic" encodes user and password as one text: the same bytes look different at
    # each of three offsets, and the characters at both ends depend on the neighbours as well.
    for offset in range(3):
        padded = bytes(offset) + data
        text = base64.b64encode(padded).decode()
        inner = text[(offset * 8 + 5) // 6 : len(padded) * 8 // 6]
        if len(inner) >= SHORT:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")  # RFC 4648, section 5
