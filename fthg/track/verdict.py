"""The verdict on a period, in one sentence (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..report import shown
from .figures import Counts, Figures, State


class PeriodVerdict(NamedTuple):
    """The verdict on a period: its tone (good, open, bad or empty) and one sentence."""

    tone: str
    sentence: str


def judge_period(figures: Figures) -> PeriodVerdict:
    """Return the verdict on the period: first the errors, then what is still open."""
    tone, sentence = _judge(figures)
    start = (
        "So far, " + sentence
        if figures.state is State.RUNNING
        else sentence[0].upper() + sentence[1:]
    )
    return PeriodVerdict(tone, start + ".")


def _judge(figures: Figures) -> tuple[str, str]:
    counts, errors = figures.counts, _errors(figures)
    still_open = counts.in_progress + counts.pending
    waiting = [f"{still_open:,} {'is' if still_open == 1 else 'are'} still open"] * bool(still_open)
    if not counts.transfers:
        nothing = "no transfer started in this period"
        return ("bad", f"{nothing}, but {_join(errors)}") if errors else ("empty", nothing)
    if errors:
        return "bad", f"{_passed(counts)}: {_join(errors + waiting)}"
    if waiting:
        return "open", f"{_passed(counts)}; {waiting[0]}"
    return "good", _passed(counts)


def _passed(counts: Counts) -> str:
    passed, transfers = counts.passed, counts.transfers
    if transfers == 1:
        return "the only transfer passed" if passed else "the only transfer did not pass"
    if passed == transfers:
        return f"all {transfers:,} transfers passed"
    return f"{f'{passed:,}' if passed else 'none'} of {transfers:,} transfers passed"


def _errors(figures: Figures) -> list[str]:
    counts = figures.counts
    missing = figures.sent.missing.total if figures.sent else 0
    entries = [
        (missing, f"{shown.plural(missing, 'sent file')} never arrived"),
        (counts.unpaired, f"{shown.plural(counts.unpaired, 'row has', 'rows have')} no partner"),
        (counts.failed, f"{counts.failed:,} failed"),
        (counts.timeout, f"{counts.timeout:,} timed out"),
    ]
    return [words for count, words in entries if count]


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
