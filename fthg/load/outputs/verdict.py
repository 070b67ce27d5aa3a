"""The verdict on a run, in one sentence that names the reason (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from ...report.shown import plural
from ...verdicts.thresholds import Figures, Verdict, show
from ..stats.snapshot import TOTAL, RunSnapshot
from .breaking import breaking_sentence

_KINDS = 2

BAD_OUTCOMES = ("missing", "failed", "dropped")
"""What goes wrong with arrivals, the worst first."""


class RunVerdict(NamedTuple):
    """The colour of a verdict (bad, open, empty or good), and its sentence."""

    tone: str
    sentence: str


class JobVerdict(NamedTuple):
    """The verdict on a threshold of a job; without a name of the total, or of the only job."""

    job: str
    verdict: Verdict
    found: str  # for people


def judged(run: RunSnapshot) -> list[JobVerdict]:
    """Return the verdicts on all thresholds, failed ones first."""
    found = [
        JobVerdict(job if len(run.jobs) > 1 else "", verdict, _found(run, job, verdict))
        for job, verdicts in run.verdicts.items()
        for verdict in verdicts
    ]
    return sorted(found, key=lambda one: one.verdict.ok)


def _found(run: RunSnapshot, job: str, verdict: Verdict) -> str:
    point = run.broken_by(job, verdict)
    return f"{show(verdict)}; {breaking_sentence(point)}" if point else show(verdict)


def judge_run(run: RunSnapshot) -> RunVerdict:
    """Return the verdict: the first reason that applies, the worst ones first."""
    verdict = _judge(run)
    if not run.running:
        return verdict
    return verdict._replace(sentence=f"So far: {verdict.sentence[0].lower()}{verdict.sentence[1:]}")


def _judge(run: RunSnapshot) -> RunVerdict:
    figures = run.figures.total
    crossed = [one for one in judged(run) if not one.verdict.ok]
    if crossed:
        return RunVerdict("bad", _crossed(crossed, sum(map(len, run.verdicts.values()))))
    if not figures["scheduled"]:
        return RunVerdict("empty", f"No transfer was due in this run{_left_to_the_merge(run)}.")
    reasons = list(_faults(run))
    if reasons:
        accepted = _all_accepted(run)
        within = ", within the thresholds" if accepted else ""
        return RunVerdict("open" if accepted else "bad", _sentence(run, reasons, within))
    if doubts := list(_doubts(run)):
        return RunVerdict(
            "open", f"Nothing failed, but {_joined(doubts)}{_left_to_the_merge(run)}."
        )
    return RunVerdict("good", _all_ok(run, figures["ok"]))


def bad_arrivals(figures: Figures) -> int:
    """Return how many arrivals of a job, or of all, had a bad outcome."""
    return sum(figures[outcome] or 0 for outcome in BAD_OUTCOMES)


def accepts(verdicts: Iterable[Verdict], outcome: str) -> bool:
    """Return whether one of these thresholds says how many arrivals may have a bad outcome."""
    return any(verdict.threshold.figure in ("ok", outcome) for verdict in verdicts)


def _all_accepted(run: RunSnapshot) -> bool:
    """Return whether thresholds of the total or of its job cover all that went wrong."""
    return all(
        accepts((*run.verdicts.get(TOTAL, ()), *run.verdicts[job]), outcome)
        for job, figures in run.figures.jobs.items()
        for outcome in BAD_OUTCOMES
        if figures[outcome]
    )


def _crossed(crossed: list[JobVerdict], count: int) -> str:
    first = crossed[0]
    whose = f"{first.job}: " if first.job else ""
    one = f"{whose}{first.verdict.threshold.text}, found {first.found}"
    if count == 1:
        return f"The threshold failed: {one}."
    of = f"{len(crossed):,} of {count:,} thresholds failed"
    more = f"; and {len(crossed) - 1:,} more" if len(crossed) > 1 else ""
    return f"{of}: {one}{more}."


def _faults(run: RunSnapshot) -> Iterator[str]:
    """Yield what went wrong with transfers, the worst first."""
    figures = run.figures.total
    if figures["missing"]:
        yield f"{figures['missing']:,} {_be(figures['missing'])} missing{_of_slices(run)}"
    for outcome in ("failed", "dropped"):
        if figures[outcome]:
            verb = "" if outcome == "failed" else f"{_were(figures[outcome])} "
            kinds = _kinds(figures["errors"]) if outcome == "failed" else ""
            yield f"{figures[outcome]:,} {verb}{outcome}{kinds}"


def _kinds(errors: Mapping[str, int]) -> str:
    """Return the commonest kinds of errors in parentheses, with their counts if there are some."""
    if not errors:
        return ""
    if len(errors) == 1:
        return f" ({next(iter(errors))})"
    named = [f"{kind} {count:,}" for kind, count in islice(errors.items(), _KINDS)]
    return f" ({', '.join(named)}{', …' if len(errors) > _KINDS else ''})"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _of_slices(run: RunSnapshot) -> str:
    found = run.reading.incomplete if run.reading else ()
    names = list(dict.fromkeys(one.slice for one in found if one.slice))
    if not names:
        return ""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" from slice{'s' if len(names) > 1 else ''} {', '.join(names[:3])}{more}"


def _doubts(run: RunSnapshot) -> Iterator[str]:
    """Yield what may have disturbed a run without failures."""
    figures = run.figures.total
    if run.reading and run.reading.incomplete:
        yield f"the results are incomplete{_of_slices(run)}"
    if figures["cancelled"]:
        yield f"{figures['cancelled']:,} {_were(figures['cancelled'])} cancelled"
    if run.lost_workers:
        yield f"{plural(len(run.lost_workers), 'worker')} of fthg died"
    if run.standstills:
        yield f"fthg stood still {plural(len(run.standstills), 'time')}"
    if run.results_lost:
        yield f"{plural(run.results_lost, 'line')} of the results file could not be written"


def _sentence(run: RunSnapshot, reasons: list[str], within: str = "") -> str:
    outages = len(run.outages.listed) + run.outages.unlisted
    during = f", with {plural(outages, 'outage')}" if outages else ""
    what = _of_all(run.figures.total["scheduled"], reasons)
    return f"{what}{during}{within}{_left_to_the_merge(run)}."


def _of_all(scheduled: int, reasons: list[str]) -> str:
    """Return `Of 3 arrivals, 2 failed`, or `All 3 arrivals failed` if all did so."""
    count, _, what = reasons[0].partition(" ")
    if len(reasons) > 1 or count != f"{scheduled:,}":
        return f"Of {plural(scheduled, 'arrival')}, {_joined(reasons)}"
    return f"The only arrival {what}" if scheduled == 1 else f"All {count} arrivals {what}"


def _joined(texts: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(texts[:-1]), texts[-1]]))


def _all_ok(run: RunSnapshot, count: int) -> str:
    count_in_words = "The only transfer was" if count == 1 else f"All {count:,} transfers were"
    met = sum(map(len, run.verdicts.values()))
    thresholds = f", and {_passed(met)}" if met else ""
    return f"{count_in_words} ok{thresholds}{_left_to_the_merge(run)}."


def _passed(count: int) -> str:
    return "the threshold passed" if count == 1 else f"all {count:,} thresholds passed"


def _left_to_the_merge(run: RunSnapshot) -> str:
    slice_ = run.slice
    return f" in slice {slice_}; thresholds are judged by the merge" if slice_ else ""
