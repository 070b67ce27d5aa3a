"""Stages: rates that last for a while, and ramps between them, one after another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, NamedTuple, Optional

import voluptuous as vol

from ... import units
from ...clock import SECOND
from ...config import values
from .maximum import Maximum
from .pacer import Pacer, Span
from .pieces import Piece, Pieces

_EXAMPLE = "10/s for 5m, to 100/s over 10m, 100/s for 30m"
_STAGE = re.compile(r"(to )?(.+) (for|over) (.+)", re.IGNORECASE)
_SIGN = re.compile(r",|\b(?:for|over)\b|^\s*to\b", re.IGNORECASE)  # of stages in a text
_LONGEST = 36_500 * 86_400 * SECOND

ReadLevel = Callable[[str], Optional[Fraction]]
"""Reads a rate, None for max, or a number of senders; raises ValueError."""


class Stage(NamedTuple):
    """One stage: a rate, or a number of senders, that is constant or changes evenly."""

    text: str  # as it was given
    length: int  # nanoseconds
    first: Optional[Fraction]  # at its beginning; None: max
    last: Optional[Fraction]


@dataclass(frozen=True)
class Stages(Pacer):
    """Rates one after another; the job ends after the last one.

    Arrival n, from 0, is due at the latest moment at which the integral of the rate is n or less.
    """

    steps: tuple[Stage, ...]

    @classmethod
    def read(cls, value: Any) -> Optional[Stages]:
        """Read a list of stages, or a text with several: `10/s for 5m, to 100/s over 10m`."""
        steps = read_stages(value, partial(units.rate, pauses=True), _EXAMPLE)
        if steps is None:
            return None
        found = cls(steps)
        if found.has_target and not found.due_between(0, found.end):
            raise ValueError(f"{found.text!r} would never send anything")
        return found

    @property
    def text(self) -> str:  # type: ignore[override]
        """All stages in one line."""
        return ", ".join(step.text for step in self.steps)

    @property
    def stages(self) -> Sequence[str]:  # type: ignore[override]
        """The texts of all stages."""
        return [step.text for step in self.steps]

    @property
    def end(self) -> int:  # type: ignore[override]
        """The end of the last stage."""
        return self._integral.end

    @cached_property
    def has_target(self) -> bool:
        """False if one of the stages is `max`."""
        return all(step.first is not None for step in self.steps)

    @cached_property
    def parts(self) -> Sequence[tuple[int, Pacer]]:
        """Its stages with a target in groups, and each `max` by itself, with their beginnings."""
        if self.has_target:
            return ((0, self),)
        found: list[tuple[int, Pacer]] = []
        start, group = 0, list[Stage]()
        for step, begins in zip(self.steps, self._integral.starts):
            if step.first is None or not group:
                if group:
                    found.append((start, Stages(tuple(group))))
                start, group = begins, []
            if step.first is None:
                found.append((begins, Maximum()))
            else:
                group.append(step)
        return (*found, *([(start, Stages(tuple(group)))] if group else []))

    def due(self, arrival: int) -> Optional[int]:
        """Return when this arrival is due, rounded down; None after the last stage."""
        return self._integral.latest(arrival)

    def moment(self, amount: Fraction) -> Optional[int]:
        """Return the latest moment at which the integral of the rate is no more than that."""
        return self._integral.latest(amount)

    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the target in files a second; 0 after the last stage, None in one of `max`."""
        if time < self.end and self.steps[self._integral.index(time)].first is None:
            return None
        return self._integral.value(time)

    def arrivals(self, until: int) -> Optional[int]:
        """Return how many arrivals are due before `until`."""
        if not self.has_target:
            return None
        return -(-self._integral.amount(until) // 1)

    def due_between(self, since: int, until: int) -> Fraction:
        """Return how many arrivals the target has in [since, until)."""
        return self._integral.amount(until) - self._integral.amount(since)

    def spans(self, until: int) -> Iterator[Span]:
        """Yield each stage that has begun before `until`."""
        starts = self._integral.starts
        for at, (start, end) in enumerate(zip(starts, starts[1:])):
            if start < until:
                yield Span(at, start, min(end, until))

    @property
    def pieces(self) -> Sequence[Piece]:
        """The level in each stage; 0 in one of `max`."""
        nothing = Fraction(0)
        return [
            Piece(step.length, step.first or nothing, step.last or nothing) for step in self.steps
        ]

    @cached_property
    def _integral(self) -> Pieces:
        return Pieces(self.pieces)


def read_stages(value: Any, read: ReadLevel, example: str) -> Optional[tuple[Stage, ...]]:
    """Return the stages of a list, or of a text; None if a value is not written as stages.

    Raises Invalid for all that are wrong, with their indices if they are items of a list.
    """
    texts = _stage_texts(value, example)
    if texts is None:
        return None
    found: list[Stage] = []
    errors: list[vol.Invalid] = []
    for path, text in texts:
        try:
            found.append(_stage(text, found[-1].last if found else Fraction(0), read, example))
        except (ValueError, vol.Invalid) as error:
            errors.append(vol.Invalid(str(error), [*path]))
    if errors:
        raise vol.MultipleInvalid(errors)
    return tuple(found)


def _stage_texts(value: Any, example: str) -> Optional[Sequence[tuple[list[int], str]]]:
    """Return the text of each stage, with the path of its item; an item may hold several."""
    if isinstance(value, dict):
        return None
    if not isinstance(value, list):
        text = values.text(value)
        return [([], part) for part in text.split(",")] if _SIGN.search(text) else None
    if not value:
        raise vol.Invalid(f"there is no stage; {_hint(example)}")
    items = values.list_of(values.filled)(value)
    return [([at], part) for at, item in enumerate(items) for part in item.split(",")]


def _stage(given: str, before: Optional[Fraction], read: ReadLevel, example: str) -> Stage:
    """Read one stage; `before` is the level at the end of the one before it."""
    text = " ".join(given.split())
    match = _STAGE.fullmatch(text)
    ramp = bool(match and match[1])
    if not match or ramp != (match[3].lower() == "over"):
        raise ValueError(f"{text!r} is not a stage; {_hint(example)}")
    last = read(match[2])
    length = round(units.exact_duration(match[4]) * SECOND)
    if not 0 < length <= _LONGEST:
        raise ValueError(f"{text!r}: a stage lasts more than 0s and at most 36500d")
    if not ramp:
        return Stage(text, length, last, last)
    if before is None or last is None:
        raise ValueError(f"{text!r}: there is no ramp from or to max")
    if not before and not last:
        raise ValueError(f"{text!r}: a ramp from 0 to 0 is none; {_hint(example)}")
    return Stage(text, length, before, last)


def _hint(example: str) -> str:
    return f"write stages as {example}"
