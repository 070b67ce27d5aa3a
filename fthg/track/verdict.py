"""The verdict on a period, in one sentence (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..report import shown
from ..verdicts.thresholds import Verdict, show
from .figures import Counts, Figures, State

_TOLERATING = ("pass_rate", "failed", "timeout")
"""The figures of thresholds that allow some failures."""

_NAMED = 2
"""Failed thresholds that the sentence names."""

_STARTS = {State.RUNNING: "So far, ", State.ENDED_EARLY: "Ended early: ", State.FINAL: ""}


class PeriodVerdict(NamedTuple):
    """The verdict on a period: its tone (good, open, bad or empty) and one sentence."""

    tone: str
    sentence: str


def judge_period(figures: Figures) -> PeriodVerdict:
    """Return the verdict on the period; what is still open is never called failed."""
    tone, sentence = _judge(figures)
    if figures.hints:
        sentence += f"; check the set-up: {figures.hints[0].sentence}"
    sentence = _STARTS[figures.state] + sentence
    return PeriodVerdict(tone, f"{sentence[0].upper()}{sentence[1:]}.")


def _judge(figures: Figures) -> tuple[str, str]:
    counts, errors, concerns = figures.counts, _errors(figures), _concerns(figures)
    if not counts.transfers:
        nothing = "no transfer started in this period"
        if errors:
            return "bad", f"{nothing}, but {_join(errors)}"
        return ("open" if figures.hints else "empty"), nothing
    passed, waiting = _passed(counts), _waiting(counts)
    but = ", but " if counts.passed == counts.transfers else ": " if errors else "; "
    if errors:
        return "bad", passed + but + _join([*errors, *waiting])
    if concerns:
        return "open", passed + but + _join([*concerns, *waiting])
    if waiting:
        return "open", f"{passed}; {waiting[0]}"
    good = not figures.hints and not _still_open(counts)
    return ("good" if good else "open"), passed


def _passed(counts: Counts) -> str:
    passed, transfers = counts.passed, counts.transfers
    if _still_open(counts) == transfers:
        return f"{_all(transfers)} {'is' if transfers == 1 else 'are'} still open"
    if passed == transfers:
        return f"{_all(transfers)} passed"
    if transfers == 1:
        return "the only transfer did not pass"
    return f"{f'{passed:,}' if passed else 'none'} of {transfers:,} transfers passed"


def _all(transfers: int) -> str:
    return "the only transfer" if transfers == 1 else f"all {transfers:,} transfers"


def _still_open(counts: Counts) -> int:
    return counts.in_progress + counts.pending


def _waiting(counts: Counts) -> list[str]:
    still_open = _still_open(counts)
    if not still_open or still_open == counts.transfers:
        return []
    return [f"{still_open:,} {'is' if still_open == 1 else 'are'} still open"]


def _errors(figures: Figures) -> list[str]:
    counts = figures.counts
    missing = figures.sent.missing.total if figures.sent else 0
    entries = [
        (counts.unpaired, f"{shown.plural(counts.unpaired, 'row has', 'rows have')} no partner"),
        (missing, f"{shown.plural(missing, 'sent file')} never arrived"),
    ]
    failures = [] if _tolerated(figures) else _failures(counts)
    return [*_crossed(figures), *(words for count, words in entries if count), *failures]


def _concerns(figures: Figures) -> list[str]:
    """Return the defects that are within limits."""
    failures = _failures(figures.counts) if _tolerated(figures) else []
    if failures:
        limits = [one.threshold.text for one in _on_failures(figures)]
        failures[-1] += f" (allowed by {_join(limits)})"
    sla = figures.sla
    late = figures.counts.passed - sla.within if sla and sla.target is None else 0
    if sla and late:
        words = f"{late:,} {'was' if late == 1 else 'were'} not within {shown.duration(sla.limit)}"
        return [*failures, words]
    return failures


def _failures(counts: Counts) -> list[str]:
    failed, timeout = f"{counts.failed:,} failed", f"{counts.timeout:,} timed out"
    return [failed] * bool(counts.failed) + [timeout] * bool(counts.timeout)


def _tolerated(figures: Figures) -> bool:
    """Return True if a threshold allows failures, and none on them failed."""
    verdicts = [one.ok for one in _on_failures(figures)]
    return bool(verdicts) and all(verdicts)


def _on_failures(figures: Figures) -> list[Verdict]:
    return [one for one in figures.thresholds if one.threshold.figure in _TOLERATING]


def _crossed(figures: Figures) -> list[str]:
    crossed = crossed_thresholds(figures)
    words = [_crossed_words(one, figures) for one in crossed[:_NAMED]]
    if further := len(crossed) - len(words):
        words.append(f"{shown.plural(further, 'further threshold')} failed")
    return words


def crossed_thresholds(figures: Figures) -> Sequence[Verdict]:
    """Return the thresholds that failed; while polling goes on, only those that have data."""
    running = figures.state is State.RUNNING
    return [one for one in figures.thresholds if not one.ok and not (running and one.found is None)]


def _crossed_words(verdict: Verdict, figures: Figures) -> str:
    text, sla = verdict.threshold.text, figures.sla
    if sla and sla.target is not None and " within " in text:
        return f"the SLA {text} is missed ({show(verdict)})"
    return f"the threshold {text} failed ({show(verdict)})"


def _join(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
