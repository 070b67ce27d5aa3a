"""Stages: rates that last for a while, and ramps between them, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, Optional

import voluptuous as vol

from ... import units
from ...clock import SECOND
from ...config import values
from .maximum import Maximum
from .pacer import Pacer, Span
from .pieces import Piece, Pieces

_HINT = "write stages as 10/s for 5m, to 100/s over 10m, 100/s for 30m"


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
        texts = stage_texts(value)
        return None if texts is None else cls(tuple(read_stages(texts, units.rate)))

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
        return self._pieces.end

    @property
    def has_target(self) -> bool:
        """False if one of the stages is `max`."""
        return all(step.first is not None for step in self.steps)

    @property
    def parts(self) -> Sequence[tuple[int, Pacer]]:
        """Its stages with a target in groups, and each `max` by itself, with their beginnings."""
        if self.has_target:
            return ((0, self),)
        found: list[tuple[int, Pacer]] = []
        start, group = 0, list[Stage]()
        for step, begins in zip(self.steps, self._pieces.starts):
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
        return self.moment(Fraction(arrival))

    def moment(self, amount: Fraction) -> Optional[int]:
        """Return the latest moment at which the integral of the rate is no more than that."""
        return self._pieces.latest(amount)

    def rate_at(self, time: int) -> Optional[Fraction]:
        """Return the target in files a second; 0 after the last stage, None in one of `max`."""
        if time < self.end and self.steps[self._pieces.index(time)].first is None:
            return None
        return self._pieces.value(time)

    def arrivals(self, until: int) -> Optional[int]:
        """Return how many arrivals are due before `until`."""
        if not self.has_target:
            return None
        return -(-self._pieces.amount(until) // 1)

    def due_between(self, since: int, until: int) -> Fraction:
        """Return how many arrivals the target has in [since, until)."""
        return self._pieces.amount(until) - self._pieces.amount(since)

    def spans(self, until: int) -> Iterator[Span]:
        """Yield each stage that has begun before `until`."""
        starts = self._pieces.starts
        for at, (start, end) in enumerate(zip(starts, starts[1:])):
            if start < until:
                yield Span(at, start, min(end, until))

    @cached_property
    def _pieces(self) -> Pieces:
        nothing = Fraction(0)
        return Pieces(
            [Piece(step.length, step.first or nothing, step.last or nothing) for step in self.steps]
        )


def stage_texts(value: Any) -> Optional[Sequence[str]]:
    """Return the text of each stage; None if a value says nothing of stages."""
    if isinstance(value, list):
        return [str(item) for item in values.list_of(values.filled)(value)]
    if isinstance(value, dict):
        return None
    text = values.text(value)
    if "," in text or " for " in f" {text} " or " over " in f" {text} ":
        return [part.strip() for part in text.split(",")]
    return None


def read_stages(texts: Sequence[str], read: Callable[[str], Optional[Fraction]]) -> Iterator[Stage]:
    """Yield stages; `read` reads a rate, or a number of senders. Raises Invalid with the index."""
    before: Optional[Fraction] = Fraction(0)
    for at, text in enumerate(texts):
        try:
            stage = _read_stage(" ".join(text.split()), before, read)
        except ValueError as error:
            raise vol.Invalid(str(error), [at]) from None
        before = stage.last
        yield stage


def _read_stage(
    text: str, before: Optional[Fraction], read: Callable[[str], Optional[Fraction]]
) -> Stage:
    ramp = text.startswith("to ")
    level, _, length = text[3 * ramp :].rpartition(" over " if ramp else " for ")
    if not level:
        raise ValueError(f"{text!r} is not a stage; {_HINT}")
    seconds = units.exact_duration(length)
    if seconds <= 0:
        raise ValueError(f"{text!r} lasts no time; {_HINT}")
    last = _zero_or(read, level)
    first = before if ramp else last
    if ramp and (first is None or last is None):
        raise ValueError(f"{text!r}: there is no ramp from or to max; {_HINT}")
    return Stage(text, round(seconds * SECOND), first, last)


def _zero_or(read: Callable[[str], Optional[Fraction]], level: str) -> Optional[Fraction]:
    number = level.partition("/")[0].strip()
    return Fraction(0) if number.strip("0.") == "" and number else read(level)
