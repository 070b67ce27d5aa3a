"""Thresholds: `failed < 1%` read from text, and judged against figures and those of a baseline."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

from .. import units
from ..text import did_you_mean

CROSSED = 99
"""The exit status where a threshold failed."""

TIME_STATS = ("min", "mean", "p50", "p90", "p95", "p99", "max")
"""The statistics of a time, each in seconds."""

Figures = Mapping[str, Any]
"""Figures by name: numbers, shares from 0 to 1, and for times a mapping of at least TIME_STATS;
None: no value."""

_OPS: Mapping[str, Callable[[float, float], bool]] = MappingProxyType(
    {
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "==": operator.eq,
        "!=": operator.ne,
    }
)
_ALIASES = MappingProxyType({"avg": "mean", "med": "p50", "median": "p50"})
_THRESHOLD = re.compile(r"([^<>=!{}\[\]]*)([<>=!]+)([^<>=!]*)")
_PERCENTILE = re.compile(r"p\((\d+)\)")  # as k6 writes it
_OF_BASELINE = re.compile(r"(.*%)\s*of\s+baseline")


_OF_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("http_req_duration", "iteration_duration", "latency"), "response_time"),
        **dict.fromkeys(("http_req_failed", "error_rate", "errors", "fail_ratio"), "failed"),
        **dict.fromkeys(("http_reqs", "iterations", "rps", "throughput"), "achieved_rate"),
        **dict.fromkeys(("success", "success_rate", "checks"), "ok"),
        "dropped_iterations": "dropped",
        "data_sent": "bytes",
    }
)
"""The names that k6, Locust and vegeta have for figures, and ours."""


@dataclass(frozen=True)
class Vocabulary:
    """The figures that the thresholds of one mode may name."""

    units: Mapping[str, str]  # figure → count, share, size (bytes), rate (files a second) or time
    wholes: Mapping[str, str]  # figure → the figure that a percentage is a share of
    examples: tuple[str, str, str]  # thresholds; the last one is on a time
    pass_without_value: frozenset[str] = frozenset()  # figures; all others are crossed then

    @property
    def hint(self) -> str:
        """Return the remedy for what is no threshold."""
        first, second, third = map(repr, self.examples)
        return f"write it as {first}, {second} or {third}"


@dataclass(frozen=True)
class Threshold:
    """A limit for one figure: `response_time p95 < 2s`."""

    text: str  # as it was written
    figure: str
    stat: Optional[str]  # of TIME_STATS for a time; None for all else
    op: str  # < <= > >= == !=
    value: float  # in the unit of the figure, seconds for a time; or a percentage
    unit: str  # of the figure, as Vocabulary has it
    whole: Optional[str] = None  # the figure of which what is found is a percentage; None: of none
    passes_without_value: bool = False
    of_baseline: bool = False  # the value is a percentage of the same figure of an earlier run


class Verdict(NamedTuple):
    """One threshold and what was found, in the unit of its value; None where there is no data.

    Where the value is a percentage of the baseline, counts are percentages of their whole on both
    sides, as runs differ in length; all else is in the figure's own unit.
    """

    threshold: Threshold
    found: Optional[float]
    ok: bool  # without data: False, unless the threshold passes then
    before: Optional[float] = None  # what the baseline has, in the same unit


def parse(text: str, vocabulary: Vocabulary) -> Threshold:
    """Read `FIGURE [STAT] OP VALUE`; ValueError says what would be right."""
    match = _THRESHOLD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a threshold; {vocabulary.hint}")
    words, op, value = match.group(1).split(), match.group(2), match.group(3).strip()
    if op not in _OPS:
        raise ValueError(f"unknown comparison {op!r} in {text!r}; there are {' '.join(_OPS)}")
    if not words or not value:
        lacking = "value" if words else "figure"
        raise ValueError(f"{text!r} lacks a {lacking}; {vocabulary.hint}")
    figure = _figure(words[0], vocabulary)
    unit = vocabulary.units[figure]
    stat = _stat(figure, unit, words[1:])
    number, whole = _value(figure, value, vocabulary)
    passes = figure in vocabulary.pass_without_value
    of_baseline = bool(_OF_BASELINE.fullmatch(value))
    return Threshold(text.strip(), figure, stat, op, number, unit, whole, passes, of_baseline)


def _figure(word: str, vocabulary: Vocabulary) -> str:
    if _PERCENTILE.sub(r"p\1", word) in (*TIME_STATS, *_ALIASES):
        example = vocabulary.examples[-1]
        raise ValueError(f"a figure is missing before {word}; write it as {example!r}")
    ours = _OF_OTHERS.get(word.lower())
    if ours in vocabulary.units and word not in vocabulary.units:
        raise ValueError(f"unknown figure {word!r}; here it is {ours!r}")
    return _known(word, vocabulary.units, "figure")


def _value(figure: str, text: str, vocabulary: Vocabulary) -> tuple[float, Optional[str]]:
    """Return the number to compare with, and the figure of which both are percentages, if any."""
    unit, whole = vocabulary.units[figure], vocabulary.wholes.get(figure)
    if of_baseline := _OF_BASELINE.fullmatch(text):
        is_share = unit == "count" and whole != figure
        return _percentage(of_baseline[1]), whole if is_share else None
    if not text.endswith("%"):
        return _number(figure, unit, text), None
    if whole is None and unit != "share":
        raise ValueError(f"{figure} cannot be compared with a percentage")
    percentage = _percentage(text)
    if unit in ("count", "share") and percentage > 100:
        raise ValueError(f"{text} is impossible; the most is 100%")
    return percentage, whole


def _known(word: str, known: Iterable[str], what: str) -> str:
    if word in known:
        return word
    raise ValueError(f"unknown {what} {word!r}{did_you_mean(word, known)}")


def _stat(figure: str, unit: str, words: list[str]) -> Optional[str]:
    if unit != "time":
        if words:
            raise ValueError(f"{figure} is one number: take away {' '.join(words)!r}")
        return None
    if len(words) != 1:
        raise ValueError(f"say which {figure} is meant, as in '{figure} p95 < 2s'")
    word = _PERCENTILE.sub(r"p\1", words[0])
    return _known(_ALIASES.get(word, word), (*TIME_STATS, *_ALIASES), f"statistic of {figure}")


def _number(figure: str, unit: str, text: str) -> float:
    if unit == "share":
        raise ValueError(f"{figure} is compared with a percentage, as in '{figure} >= 99%'")
    if unit == "count" and not re.fullmatch(r"\d+", text):
        raise ValueError(
            f"{text!r} is neither a whole number nor a percentage as in '{figure} < 1%'"
        )
    return _READERS[unit](text)


def _rate(text: str) -> float:
    rate = units.rate(text)
    if rate is None:
        raise ValueError("a rate to compare with cannot be 'max'")
    return float(rate)


_READERS: Mapping[str, Callable[[str], float]] = MappingProxyType(
    {
        "count": int,
        "size": units.size,
        "rate": _rate,
        "time": units.duration,
    }
)


def _percentage(text: str) -> float:
    number = text[:-1].strip()
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", number):
        raise ValueError(f"{text!r} is not a percentage; write it as 1% or 0.5%")
    return float(number)


def judge(
    thresholds: Iterable[Threshold], figures: Figures, baseline: Optional[Figures] = None
) -> list[Verdict]:
    """Compare each threshold with what was found; `baseline` has the figures of an earlier run."""
    return [_judge(threshold, figures, baseline or {}) for threshold in thresholds]


def _judge(threshold: Threshold, figures: Figures, baseline: Figures) -> Verdict:
    found = _found(threshold, figures)
    if not threshold.of_baseline:
        return Verdict(threshold, found, _holds(threshold, found, threshold.value))
    before = _found(threshold, baseline)
    if found == before == 0:
        return Verdict(threshold, found, True, before)
    # Exact, so that the same value is 100% of itself.
    limit = None if before is None else Fraction(before) * Fraction(threshold.value) / 100
    return Verdict(threshold, found, _holds(threshold, found, limit), before)


def _holds(threshold: Threshold, found: Optional[float], limit: Any) -> bool:
    if found is None:
        return threshold.passes_without_value
    return limit is not None and _OPS[threshold.op](found, limit)


def _found(threshold: Threshold, figures: Figures) -> Optional[float]:
    value = figures.get(threshold.figure)
    if threshold.stat and value is not None:
        value = value[threshold.stat]
    if threshold.whole:
        whole = figures.get(threshold.whole)
        return 100 * value / whole if whole and value is not None else None
    if threshold.unit == "share" and value is not None:
        # A summary has the nearest float, so that what is compared with it is rounded first, too.
        return float(100 * (float(value) if threshold.of_baseline else value))
    found: Optional[float] = value
    return found


_SHOW: Mapping[str, Callable[[float], str]] = MappingProxyType(
    {
        "count": lambda found: str(int(found)),
        "size": units.show_size,
        "rate": units.show_rate,
        "time": units.show_duration,
    }
)


def show(verdict: Verdict) -> str:
    """Format the value found for people, with that of the baseline if it is compared with one."""
    shown, threshold = show_found(verdict), verdict.threshold
    if verdict.found is None or not threshold.of_baseline:
        return shown
    if verdict.before is None:
        return f"{shown}, no data before"
    return f"{shown}, {_show_number(threshold, verdict.before)} before"


def show_found(verdict: Verdict) -> str:
    """Format the value found for people; a percentage is truncated, never rounded up."""
    return "no data" if verdict.found is None else _show_number(verdict.threshold, verdict.found)


def _show_number(threshold: Threshold, number: float) -> str:
    if threshold.whole or threshold.unit == "share":
        hundredths = int(100 * Decimal(str(number)))
        return "<0.01%" if number and not hundredths else f"{hundredths / 100:.2f}%"
    return _SHOW[threshold.unit](number)
