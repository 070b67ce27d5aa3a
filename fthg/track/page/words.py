"""The names and sentences of the page (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from ...report import shown
from ..figures import FailureSpan, Figures, Hint
from ..tracked import SECOND

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "passed": "Passed",
        "failed": "Failed",
        "timeout": "Timeout",
        "in_progress": "In progress",
        "pending": "Pending",
        "unpaired": "Unpaired",
    }
)
"""The name of each result for people."""


class Spans(NamedTuple):
    """The failures that are close together, and the number of those that stand alone."""

    several: Sequence[FailureSpan]
    single: int


def spans(found: Sequence[FailureSpan]) -> Spans:
    """Separate groups of failures from single ones."""
    several = [span for span in found if span.failed + span.timeout > 1]
    return Spans(several, len(found) - len(several))


def ended_early(figures: Figures) -> str:
    """Return why the report of a run that ended early is not final."""
    still_open = figures.counts.in_progress + figures.counts.pending
    verb = "is" if still_open == 1 else "are"
    if still_open:
        return f"{shown.plural(still_open, 'transfer')} {verb} still open, and may yet pass or fail"
    return "what started or arrived later is not in it"


def note_on(hints: Sequence[Hint], figure: str) -> int:
    """Return the number of the first note that makes a figure doubtful, 0 without one."""
    return next((n for n, hint in enumerate(hints, 1) if figure in hint.affects), 0)


def whole_second(micros: int) -> int:
    """Return the second that a time lies in."""
    return micros // SECOND * SECOND
