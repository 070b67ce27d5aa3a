"""Compiles a regular expression into the states of an automaton.

Python's own parser reads the syntax, and its matcher decides for single characters, so that both
mean what they mean everywhere. Python searches by trying one way after another, which for some
expressions and texts takes hours, and nothing else runs meanwhile; the states are gone through all
at once (Thompson's construction), in a time that is proportional to the text.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple, Union

if sys.version_info >= (3, 11):
    from re import _compiler as sre_compile  # type: ignore[attr-defined]
    from re import _parser as sre_parse  # type: ignore[attr-defined]
else:
    import sre_compile
    import sre_parse

MOST = 1000
"""States of an expression at most; one that is repeated up to n times has them n times."""

_MOST_SEQUENCES = 10 * MOST  # empty ones have no states, but each is gone through
_TOO_LARGE = f"more than {MOST} characters and repeats: write a simpler expression"
_NOT_REGULAR = (
    "look-arounds, references to groups, conditions, possessive repeats and atomic groups cannot "
    "be searched for in a time that is proportional to the text"
)


class Char(NamedTuple):
    """A state that one character leads out of, if it fits."""

    fits: Callable[[str], Any]
    after: int


class Place(NamedTuple):
    """A state that leads on, without a character, where the text has such a place."""

    name: str  # of sre_constants: AT_BEGINNING …, in the form that the flags make of it
    ascii: bool  # words are those of ASCII
    after: int


class Split(NamedTuple):
    """A state that leads to several others, without a character."""

    after: tuple[int, ...]


State = Union[Char, Place, Split, None]
"""None: the end, the expression was found."""

_ALPHABETS = re.ASCII | re.UNICODE
_MULTILINE = {"AT_BEGINNING": "AT_BEGINNING_LINE", "AT_END": "AT_END_LINE"}


class States:
    """The states of an expression, numbered; the search begins at `first` and ends at 0."""

    def __init__(self, text: str) -> None:
        """Raise ValueError for what is no regular expression, or one that is too large."""
        self.all: list[State] = [None]
        self._sequences = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what may mean something else in later Pythons
                tree = sre_parse.parse(text)
            self.first = self._sequence(tree.data, tree.state.flags, 0)
        except re.error as error:
            raise ValueError(f"{text!r} is not a regular expression: {error}") from None
        except (OverflowError, RecursionError):
            raise ValueError(_TOO_LARGE) from None

    def _add(self, state: State) -> int:
        if len(self.all) >= MOST:
            raise ValueError(_TOO_LARGE)
        self.all.append(state)
        return len(self.all) - 1

    def _sequence(self, items: Iterable[Any], flags: int, after: int) -> int:
        """Add the states of items that follow one another, and return the first one."""
        self._sequences += 1
        if self._sequences > _MOST_SEQUENCES:
            raise ValueError(_TOO_LARGE)
        for kind, value in reversed(list(items)):
            after = self._item(kind, value, flags, after)
        return after

    def _item(self, kind: Any, value: Any, flags: int, after: int) -> int:
        name: str = kind.name
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY"):
            return self._add(Char(_fits(kind, value, flags), after))
        if name == "AT":
            place: str = value.name
            place = _MULTILINE.get(place, place) if flags & re.MULTILINE else place
            return self._add(Place(place, bool(flags & re.ASCII), after))
        if name == "BRANCH":
            return self._add(Split(tuple(self._sequence(one, flags, after) for one in value[1])))
        if name == "SUBPATTERN":
            _, added, removed, inner = value
            return self._sequence(inner, _within(flags, added, removed), after)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, inner = value
            return self._repeat(least, most, inner, flags, after)
        raise ValueError(_NOT_REGULAR)

    def _repeat(self, least: int, most: Any, inner: Iterable[Any], flags: int, after: int) -> int:
        if most is sre_parse.MAXREPEAT:
            begin = self._add(Split(()))
            self.all[begin] = Split((self._sequence(inner, flags, begin), after))
        else:
            begin = after
            for _ in range(most - least):
                begin = self._add(Split((self._sequence(inner, flags, begin), after)))
        for _ in range(least):
            begin = self._sequence(inner, flags, begin)
        return begin


def _within(flags: int, added: int, removed: int) -> int:
    """Return the flags of a group; `a` and `u` exclude each other."""
    if added & _ALPHABETS:
        flags &= ~_ALPHABETS
    return (flags | added) & ~removed


def _fits(kind: Any, value: Any, flags: int) -> Callable[[str], Any]:
    state = sre_parse.State()
    state.flags = flags
    pattern = sre_parse.SubPattern(state, [(kind, value)])
    fits: Callable[[str], Any] = sre_compile.compile(pattern, flags).match
    return fits
