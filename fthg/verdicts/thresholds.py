"""Thresholds: `failed < 1%` read from text, and judged against figures."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

from .. import units
from ..text import did_you_mean

TIME_STATS = ("min", "mean", "p50", "p90", "p95", "p99", "max")
"""The statistics of a time, each in seconds."""

Figures = Mapping[str, Any]
"""Figures by name: numbers, and for times a mapping of at least TIME_STATS; None: no value."""

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
_THRESHOLD = re.compile(r"([^<>=!]*)([<>=!]+)([^<>=!]*)")
_PERCENTILE = re.compile(r"p\((\d+)\)")  # as k6 writes it
_HINT = "write it as 'failed < 1%', 'dropped == 0' or 'response_time p95 < 2s'"


@dataclass(frozen=True)
class Vocabulary:
    """The figures that the thresholds of one mode may name."""

    units: Mapping[str, str]  # figure → count, size (bytes), rate (files a second) or time
    wholes: Mapping[str, str]  # figure → the figure that a percentage is a share of
    pass_without_value: frozenset[str] = frozenset()  # figures; all others are crossed then


@dataclass(frozen=True)
class Threshold:
    """A limit for one figure: `response_time p95 < 2s`."""

    text: str  # as it was written
    figure: str
    stat: Optional[str]  # of TIME_STATS for a time; None for all else
    op: str  # < <= > >= == !=
    value: float  # in the unit of the figure, seconds for a time; or a percentage
    unit: str  # of the figure, as Vocabulary has it
    whole: Optional[str] = None  # the figure that a percentage is a share of; None: no percentage
    passes_without_value: bool = False


class Verdict(NamedTuple):
    """One threshold and what was found, in the unit of its value; None where there is no data."""

    threshold: Threshold
    found: Optional[float]
    ok: bool  # without data: False, unless the threshold passes then


def parse(text: str, vocabulary: Vocabulary) -> Threshold:
    """Read `FIGURE [STAT] OP VALUE`; ValueError says what would be right."""
    match = _THRESHOLD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a threshold; {_HINT}")
    words, op, value = match.group(1).split(), match.group(2), match.group(3).strip()
    if op not in _OPS:
        raise ValueError(f"unknown comparison {op!r} in {text!r}; there are {' '.join(_OPS)}")
    if not words or not value:
        raise ValueError(f"{text!r} lacks a {'value' if words else 'figure'}; {_HINT}")
    figure = _known(words[0], vocabulary.units, "figure")
    unit = vocabulary.units[figure]
    stat = _stat(figure, unit, words[1:])
    if value.endswith("%"):
        whole = vocabulary.wholes.get(figure)
        number = _percentage(figure, whole, value)
    else:
        whole = None
        number = _number(figure, unit, value)
    passes = figure in vocabulary.pass_without_value
    return Threshold(text.strip(), figure, stat, op, number, unit, whole, passes)


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


def _percentage(figure: str, whole: Optional[str], text: str) -> float:
    if whole is None:
        raise ValueError(f"{figure} cannot be compared with a percentage")
    number = text[:-1].strip()
    if not re.fullmatch(r"\d+(\.\d+)?", number):
        raise ValueError(f"{text!r} is not a percentage; write it as 1% or 0.5%")
    if whole == "scheduled" and float(number) > 100:
        raise ValueError(f"{text} of all scheduled arrivals is impossible; the most is 100%")
    return float(number)


def judge(thresholds: Iterable[Threshold], figures: Figures) -> list[Verdict]:
    """Compare each threshold with what was found."""
    return [_judge(threshold, figures) for threshold in thresholds]


def _judge(threshold: Threshold, figures: Figures) -> Verdict:
    found = _found(threshold, figures)
    if found is None:
        return Verdict(threshold, None, threshold.passes_without_value)
    return Verdict(threshold, found, _OPS[threshold.op](found, threshold.value))


def _found(threshold: Threshold, figures: Figures) -> Optional[float]:
    value = figures[threshold.figure]
    if threshold.stat:
        value = value[threshold.stat]
    if threshold.whole:
        whole = figures[threshold.whole]
        return 100 * value / whole if whole and value is not None else None
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
    """Format the value found for people; a percentage is truncated, never rounded up."""
    found, threshold = verdict.found, verdict.threshold
    if found is None:
        return "no data"
    if threshold.whole:
        hundredths = int(100 * found)
        return "<0.01%" if found and not hundredths else f"{hundredths / 100:.2f}%"
    return _SHOW[threshold.unit](found)
