"""The comparison of figures with those of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn, Optional

from .thresholds import TIME_STATS, Figures, Vocabulary

MOST = 64 << 20
"""The most bytes of a summary that is read."""

_MARKS = {"track": "transfers", "load": "total"}
"""The key by which one knows the summary of a mode."""


class Change(NamedTuple):
    """One figure before and now, in the same unit."""

    figure: str  # such as `transit p95`
    unit: str  # count, share (0 to 1), time (seconds), size (bytes) or rate (a second)
    before: Optional[float]  # None: no value
    now: Optional[float]
    worse: Optional[bool] = None  # True if the difference is for the worse, None if there is none

    @property
    def change(self) -> Optional[float]:
        """Return the difference as a share of `before`; None where there is none."""
        if self.before is None or self.now is None or not self.before:
            return None
        return self.now / self.before - 1


@dataclass(frozen=True)
class Baseline:
    """The figures of an earlier run, and the file that they are from."""

    path: str
    figures: Figures


def read_summary(path: str, mode: str) -> Mapping[str, Any]:
    """Return a summary that a mode (`track` or `load`) wrote; ValueError says what is wrong."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    remedy = f"name a file that {_option(mode)} --summary wrote"
    if len(content) > MOST:
        raise ValueError(f"{path} is larger than any summary; {remedy}")
    try:
        summary = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValueError(f"{path} is not JSON; {remedy}") from None
    found = [known for known, mark in _MARKS.items() if _has(summary, mark)]
    if found == [mode]:
        assert isinstance(summary, dict)  # noqa: S101 - it has a key
        return summary
    other = f" of {'tracking' if found == ['track'] else 'load'} mode" if found else ""
    raise ValueError(f"{path} is {'a' if other else 'no'} summary{other}; {remedy}")


def _option(mode: str) -> str:
    return "fthg --track with" if mode == "track" else "fthg with"


def _has(summary: Any, key: str) -> bool:
    return isinstance(summary, dict) and key in summary


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def known_figures(found: Mapping[str, Any], vocabulary: Vocabulary) -> Figures:
    """Return the figures of a vocabulary, and their wholes, checked.

    ValueError names one that cannot be.
    """
    units = {**dict.fromkeys(vocabulary.wholes.values(), "count"), **vocabulary.units}
    return {
        name: _times(name, found.get(name)) if unit == "time" else _number(name, found.get(name))
        for name, unit in units.items()
    }


def _times(name: str, value: Any) -> Optional[Mapping[str, Optional[float]]]:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError(f"its figure {name} is no mapping")
    return {stat: _number(f"{name} {stat}", value.get(stat)) for stat in TIME_STATS}


def _number(name: str, value: Any) -> Optional[float]:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e18:
        raise ValueError(f"its figure {name} is no number")
    return value


def compare(
    directions: Mapping[str, int], vocabulary: Vocabulary, before: Figures, now: Figures
) -> Iterator[Change]:
    """Yield the change of each figure (`transit p95`) that has a value on either side.

    The direction is 1 where more is worse, -1 where less is, and 0 where neither is.
    """
    for name, direction in directions.items():
        figure, _, stat = name.partition(" ")
        old, new = (_value(figures, figure, stat) for figures in (before, now))
        if old is None and new is None:
            continue
        worse = None
        if direction and old is not None and new is not None and old != new:
            worse = (new > old) == (direction > 0)
        yield Change(name, vocabulary.units[figure], old, new, worse)


def _value(figures: Figures, figure: str, stat: str) -> Optional[float]:
    value = figures.get(figure)
    if stat and value is not None:
        value = value[stat]
    return None if value is None else float(value)


def changes_json(changes: Iterable[Change]) -> Mapping[str, Any]:
    """Return the changes as a summary has them, by figure."""
    return {
        one.figure: {"before": one.before, "now": one.now, "change": one.change} for one in changes
    }
