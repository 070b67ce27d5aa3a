"""A problem of the configuration: its place, its key, and the remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from ..errors import ConfigError
from .secret_texts import mask_messages
from .tree import Origin

MOST = 100
"""Problems of one section that are looked into: a suggestion for each of 45,000 takes minutes."""


class Problem(NamedTuple):
    """One error of the configuration."""

    origin: Origin
    path: tuple[str, ...]
    reason: str  # and what would be right
    missing_variable: bool = False  # only an error if the value is used

    def __str__(self) -> str:
        key = ".".join(self.path)
        return f"{self.origin}: {key}: {self.reason}" if key else f"{self.origin}: {self.reason}"


def first_of(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first problems, at most MOST, and one more that says so if there are others."""
    left = iter(problems)
    first = list(islice(left, MOST))
    if (other := next(left, None)) is not None:
        first.append(Problem(other.origin, (), f"there are more errors than the first {MOST}"))
    return first


def config_error(problems: Iterable[Problem], secrets: Collection[str] = ()) -> ConfigError:
    """Return one exception for all problems, each once and in the order of their places."""
    ordered = _in_order(problems)
    places = dict.fromkeys(filter(None, (_in_source(problem.origin) for problem in ordered)))
    lines = mask_messages(map(str, ordered), secrets)
    return ConfigError(*lines, where=" and ".join(places))


def _in_source(origin: Origin) -> str:
    if origin.line:
        return f"in {origin.source}"
    return f"on the {origin.source}" if origin.detail else ""


def _in_order(problems: Iterable[Problem]) -> Sequence[Problem]:
    unique: dict[tuple[Origin, str], Problem] = {}
    for problem in problems:  # several jobs may inherit the same one
        unique.setdefault((problem.origin, problem.reason), problem)
    return sorted(unique.values(), key=_place)


def _place(problem: Problem) -> tuple[bool, str, int, int]:
    origin = problem.origin
    return not origin.line, origin.source, origin.line or 0, origin.column or 0
