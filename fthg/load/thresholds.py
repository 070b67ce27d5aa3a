"""Thresholds: `failed < 1%` read from text, and judged against figures."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Optional

from .. import units
from .figures.metrics import TIME_STATS, TIMES, Figures
from .plan import Threshold

_COUNTS = ("scheduled", "sent", "ok", "failed", "dropped", "cancelled")
_RATE = "achieved_rate"
_FIGURES = (*_COUNTS, "bytes", _RATE, *TIMES)

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


class Verdict(NamedTuple):
    """One threshold and what was found, in the unit of its value; None where there is no data."""

    threshold: Threshold
    found: Optional[float]
    ok: bool  # without data a promise is not kept


def parse(text: str) -> Threshold:
    """Read `FIGURE [STAT] OP VALUE`; ValueError says what would be right.

    A percentage is one of all scheduled arrivals; for `achieved_rate`, of the target rate.
    """
    match = _THRESHOLD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a threshold; {_HINT}")
    words, op, value = match.group(1).split(), match.group(2), match.group(3).strip()
    if op not in _OPS:
        raise ValueError(f"unknown comparison {op!r} in {text!r}; there are {' '.join(_OPS)}")
    if not words or not value:
        raise ValueError(f"{text!r} lacks a {'value' if words else 'figure'}; {_HINT}")
    figure = _known(words[0], _FIGURES, "figure")
    stat = _stat(figure, words[1:])
    number, share = _value(figure, value)
    return Threshold(text.strip(), figure, stat, op, number, share)


def _known(word: str, known: Iterable[str], what: str) -> str:
    if word in known:
        return word
    close = difflib.get_close_matches(word, list(known), 1)
    guess = f"did you mean {close[0]!r}? " if close else ""
    raise ValueError(f"unknown {what} {word!r}; {guess}There are {', '.join(known)}")


def _stat(figure: str, words: list[str]) -> Optional[str]:
    if figure not in TIMES:
        if words:
            raise ValueError(f"{figure} is one number: take away {' '.join(words)!r}")
        return None
    if len(words) != 1:
        raise ValueError(f"say which {figure} is meant, as in '{figure} p95 < 2s'")
    word = _PERCENTILE.sub(r"p\1", words[0])
    return _known(_ALIASES.get(word, word), (*TIME_STATS, *_ALIASES), f"statistic of {figure}")


def _value(figure: str, text: str) -> tuple[float, bool]:
    if text.endswith("%"):
        return _percentage(figure, text), True
    if figure in TIMES:
        return units.duration(text), False
    if figure == "bytes":
        return units.size(text), False
    if figure == _RATE:
        rate = units.rate(text)
        if rate is None:
            raise ValueError("a rate to compare with cannot be 'max'")
        return float(rate), False
    if not re.fullmatch(r"\d+", text):
        raise ValueError(
            f"{text!r} is neither a whole number nor a percentage as in '{figure} < 1%'"
        )
    return int(text), False


def _percentage(figure: str, text: str) -> float:
    if figure not in (*_COUNTS, _RATE):
        raise ValueError(f"{figure} cannot be compared with a percentage")
    number = text[:-1].strip()
    if not re.fullmatch(r"\d+(\.\d+)?", number):
        raise ValueError(f"{text!r} is not a percentage; write it as 1% or 0.5%")
    if figure != _RATE and float(number) > 100:
        raise ValueError(f"{text} of all scheduled arrivals can never be; the most is 100%")
    return float(number)


def judge(thresholds: Iterable[Threshold], figures: Figures) -> list[Verdict]:
    """Compare each threshold with what was found."""
    return [_judge(threshold, figures) for threshold in thresholds]


def _judge(threshold: Threshold, figures: Figures) -> Verdict:
    found = _found(threshold, figures)
    ok = found is not None and _OPS[threshold.op](found, threshold.value)
    return Verdict(threshold, found, ok)


def _found(threshold: Threshold, figures: Figures) -> Optional[float]:
    value = figures[threshold.figure]
    if threshold.stat:
        value = value[threshold.stat]
    if threshold.share:
        whole = figures["target_rate" if threshold.figure == _RATE else "scheduled"]
        return 100 * value / whole if whole else None
    found: Optional[float] = value
    return found


def show(verdict: Verdict) -> str:
    """The value found, as people write it; a percentage is truncated, never rounded up."""
    found, threshold = verdict.found, verdict.threshold
    if found is None:
        return "no data"
    if threshold.share:
        hundredths = int(100 * found)
        return "<0.01%" if found and not hundredths else f"{hundredths / 100:.2f}%"
    if threshold.figure in TIMES:
        return units.show_duration(found)
    if threshold.figure == "bytes":
        return units.show_size(found)
    return units.show_rate(found) if threshold.figure == _RATE else str(int(found))
