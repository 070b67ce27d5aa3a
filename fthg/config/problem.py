"""A problem of the configuration: its place, its key, and the remedy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ..errors import ConfigError
from .secret_texts import mask_messages
from .tree import Origin

MOST = 100
"""Problems of one section that are looked into: a suggestion for each of 45,000 takes minutes."""

_ROWS_SHOWN = 3
"""Rows of a table with the same problem that are named."""


_ITEM = "#"


def item_step(index: int) -> str:
    """Return the step of a path to an item of a list, which people count from 1."""
    return f"{_ITEM}{index + 1}"


class Problem(NamedTuple):
    """One error of the configuration."""

    origin: Origin
    path: tuple[str, ...]
    reason: str  # and what would be right
    missing_variable: bool = False  # only an error if the value is used
    template: str = ""  # the name of the job with `each` whose row it is in
    repaired: bool = False  # an error of the grammar after which the rest could be read

    def __str__(self) -> str:
        key = ".".join(self.path).replace(f".{_ITEM}", f" {_ITEM}")
        what = f"{key}: {self.reason}" if key else self.reason
        if not self.origin.cells:
            return f"{self.origin}: {what}"
        first, columns = self.origin.cells[0], [cell.column for cell in self.origin.cells]
        column = f"column{'s' if len(columns) > 1 else ''} {', '.join(columns)}"
        return f"{first.row}: {column}: {what} ({self.origin})"


def first_of(problems: Iterable[Problem]) -> list[Problem]:
    """Return the first problems, at most MOST, and one more that says so if there are others."""
    left = iter(problems)
    first = list(islice(left, MOST))
    if (other := next(left, None)) is not None:
        first.append(Problem(other.origin, (), f"there are more errors than the first {MOST}"))
    return first


def few_of_rows(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems; of those that rows of one `each` have at one place only the first few,
    of which the last says how many rows there are more.
    """
    rows: dict[object, list[Problem]] = {}
    for problem in problems:
        if problem.template:
            place = problem.path[2:], problem.origin._replace(cells=()), problem.missing_variable
            rows.setdefault((problem.template, place), []).append(problem)
        else:
            yield problem
    for found in rows.values():
        different = {(problem.origin, problem.reason): problem for problem in reversed(found)}
        first = list(reversed(list(different.values())))[:_ROWS_SHOWN]
        yield from first[:-1]
        more = len(found) - len(first)
        suffix = f"; and {more:,} more row{'' if more == 1 else 's'}" if more else ""
        yield first[-1]._replace(reason=first[-1].reason + suffix)


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
    ordered = _variables_once(sorted(unique.values(), key=_place))
    return sorted(ordered, key=_place)


def _variables_once(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems; a variable that is missing in several places is one, at the first.

    What else is wrong at these places follows from it.
    """
    problems = list(problems)
    places = {problem.origin for problem in problems if problem.missing_variable}
    variables: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.missing_variable and not problem.template:
            variables.setdefault(problem.reason, []).append(problem)
        elif problem.missing_variable or problem.origin not in places:
            yield problem
    for first, *others in variables.values():
        times = f"; it is used in {len(others)} more place{'s' if others[1:] else ''}"
        yield first._replace(reason=first.reason + (times if others else ""))


def _place(problem: Problem) -> tuple[bool, str, int, int, int]:
    origin = problem.origin
    row = origin.cells[0].line if origin.cells else 0
    return not origin.line, origin.source, origin.line or 0, origin.column or 0, row
