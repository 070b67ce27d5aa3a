"""Searches the text of answers for regular expressions, in linear time for any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .regular_states import Char, Place, Split, States

_REMEMBERED = 50_000
"""Steps from one point of a search to the next, and states of these, that are remembered: 4 MB."""

_SLICE = 4096  # characters between two turns of others, if all their steps are remembered
_LAST_LINE_END = "\n\n"  # in place of a line end that is the last character: `$` is before it, too
_END = ""  # in place of a character after the last


_ENDS = {
    "AT_END": (_END, _LAST_LINE_END),
    "AT_END_LINE": (_END, _LAST_LINE_END, "\n"),
    "AT_END_STRING": (_END,),
}
"""Name of a place → what may follow there."""


class _Before(NamedTuple):
    """The properties of the previous character that anchors and word boundaries need."""

    start: bool = False  # there is none
    line_end: bool = False
    word: bool = False
    ascii_word: bool = False


class _Point:
    """A point of a search: the states that it may be in, and the steps that were gone from it."""

    __slots__ = ("before", "states", "steps")

    def __init__(self, states: frozenset[int], before: _Before) -> None:
        self.states = states
        self.before = before
        self.steps: dict[str, _Point] = {}  # character → the next point


_FOUND = _Point(frozenset(), _Before())
"""The end of every search that finds a match."""


class Regular:
    """A regular expression as Python writes it; the constructor raises ValueError."""

    def __init__(self, text: str) -> None:
        self.text = text
        states = States(text)
        self._states = states.all
        self._begin = states.first
        self._has_places = any(isinstance(state, Place) for state in states.all)
        self._points: dict[tuple[frozenset[int], _Before], _Point] = {}
        self._remembered = 0
        self._start = self._point(frozenset(), _Before(start=True))

    def __repr__(self) -> str:
        return f"Regular({self.text!r})"

    def found_in(self, text: str, give_turn: Callable[[], None] = lambda: None) -> bool:
        """Return True if it matches anywhere in a text, as re.search does; other greenlets run."""
        point = self._start
        for part in _parts(text):
            give_turn()
            for char in part:
                try:
                    point = point.steps[char]
                except KeyError:
                    give_turn()
                    point = self._step(point, char)
                if point is _FOUND:
                    return True
        return False

    def _step(self, point: _Point, char: str) -> _Point:
        """Advance by one character, and remember the step."""
        reached = self._reached(point, char)
        after = _FOUND
        if 0 not in reached:
            fitting = (self._states[number] for number in reached)
            states = frozenset(
                state.after
                for state in fitting
                if isinstance(state, Char) and char and state.fits(char[0])
            )
            after = self._point(states, _before(char) if self._has_places else _Before())
        self._remembered += 1 + len(after.states)
        if self._remembered > _REMEMBERED:
            self._forget()
        point.steps[char] = after
        return after

    def _point(self, states: frozenset[int], before: _Before) -> _Point:
        known = self._points.get((states, before))
        if known is None:
            known = self._points[states, before] = _Point(states, before)
        return known

    def _forget(self) -> None:
        for point in self._points.values():
            point.steps.clear()
        self._start.steps.clear()
        self._points.clear()
        self._remembered = 0

    def _reached(self, point: _Point, char: str) -> set[int]:
        """Return all states that need no character from here on; a match may begin here, too."""
        reached: set[int] = set()
        left = [self._begin, *point.states]
        while left:
            number = left.pop()
            if number in reached:
                continue
            reached.add(number)
            state = self._states[number]
            if isinstance(state, Split):
                left += state.after
            elif isinstance(state, Place) and _is_at(state, point.before, char):
                left.append(state.after)
        return reached


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the characters of a text, and what stands for its end."""
    last = _LAST_LINE_END if text.endswith("\n") else text[-1:]
    for at in range(0, len(text) - 1, _SLICE):
        yield tuple(text[at : min(at + _SLICE, len(text) - 1)])
    yield (last, _END) if last else (_END,)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _before(char: str) -> _Before:
    word = _is_word(char)
    return _Before(False, char[:1] == "\n", word, word and char.isascii())


def _is_at(place: Place, before: _Before, char: str) -> bool:
    """Return True if such a place is between what was before and a character."""
    name = place.name
    if name.startswith("AT_BEGINNING"):
        return before.start or (name == "AT_BEGINNING_LINE" and before.line_end)
    if name.startswith("AT_END"):
        return char in _ENDS[name]
    word = before.ascii_word if place.ascii else before.word
    differs = word != (_is_word(char) and (char.isascii() or not place.ascii))
    return differs == (name == "AT_BOUNDARY")
