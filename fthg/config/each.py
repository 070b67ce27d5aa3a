"""Jobs with `each`: one job for each row of a table, made before any schema sees them."""

from __future__ import annotations

import os
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from ..text import did_you_mean
from .document import expand
from .problem import Problem, item_step
from .sections import jobs_of
from .tables import Row, read_table
from .tree import Cell, Items, Node, Section, Text

JOB_NAME = re.compile(r"[\w.-]+")


class Expanded(NamedTuple):
    """A tree in which each row is a job of its own."""

    tree: Section
    problems: list[Problem]
    tables: list[str]  # the paths of all table files
    complete: bool = True  # False: a row, or a table, could not be used


def is_template(job: Any) -> bool:
    """Return whether a job of a tree is one for each row of a table."""
    return isinstance(job, Section) and job.get("each") is not None


def expanded(tree: Section, problems: list[Problem]) -> Expanded:
    """Return the tree with a job for each row, and the problems that are left, with new ones.

    Those of `problems` that miss a variable in a job with `each` may find it in the table.
    """
    jobs = jobs_of(tree)
    templates = {str(name): job for name, job in jobs.items() if is_template(job)}
    if not templates:
        return Expanded(tree, problems, [])
    left = [found for problem in problems for found in _left(problem, templates)]
    taken = {str(name): name for name in jobs if str(name) not in templates}
    made, tables, complete = Section(), [], True
    made.origin, made.source = jobs.origin, jobs.source
    for name, job in jobs.items():
        if str(name) in templates:
            rows = _Rows(name, job, taken)
            made.update(rows.jobs)
            left += rows.problems
            tables += [rows.path] if rows.path else []
            complete = complete and all(problem.missing_variable for problem in rows.problems)
        else:
            made[name] = job
    whole = Section({**tree, "jobs": made})
    whole.origin, whole.source = tree.origin, tree.source
    return Expanded(whole, left, tables, complete)


def _left(problem: Problem, templates: Mapping[str, Section]) -> Iterator[Problem]:
    """Yield a problem, unless the table may have what is missing; a table is needed in any case."""
    path = problem.path
    if not (problem.missing_variable and path[:1] == ("jobs",) and path[1] in templates):
        yield problem
    elif path[2] == "each":
        yield problem._replace(missing_variable=False)


class _Rows:
    """The jobs of one `each`."""

    def __init__(self, name: Text, template: Section, taken: dict[str, Text]) -> None:
        self.problems: list[Problem] = []
        self.jobs = Section()
        self._name = name
        self._taken = taken
        self._job = Section({key: template[key] for key in template if key != "each"})
        self._job.origin, self._job.source = template.origin, template.source
        each = template["each"]
        place = Problem(getattr(each, "origin", name.origin), ("jobs", name, "each"), "")
        self.path, rows = read_table(each, self.problems, place)
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        filling = _Filling(row, str(self._name))
        name = filling.text(Text.at(self._name.origin, self._name, self._name), ())
        if reason := self._wrong_name(name):
            path = ("jobs", str(self._name))
            filling.problems.append(Problem(name.origin, path, reason, template=str(self._name)))
        if not filling.problems:
            self._taken[str(name)] = name
            job = cast(Section, filling.node(self._job, ("jobs", str(name))))
            job.template = str(self._name)
            self.jobs[name] = job
        self.problems += filling.problems

    def _wrong_name(self, name: Text) -> str:
        if not name:
            return "the name of its job is empty"
        if not JOB_NAME.fullmatch(name):
            return f"{str(name)!r}: a job's name has letters, digits, '_', '.' and '-' only"
        first = self._taken.get(str(name))
        if first is None:
            return ""
        cells = first.origin.cells
        place = cells[0].row if cells else str(first.origin)
        return f"there is a job {name} already, in {place}; names must be unique"


class _Filling:
    """The texts of a job with `each`, filled from one row."""

    def __init__(self, row: Row, template: str) -> None:
        self.problems: list[Problem] = []
        self._row = row
        self._template = template
        self._cells: dict[str, Cell] = {cell.column: cell for cell in row}
        texts = {cell.column: cell.text for cell in row}
        self._variables = ChainMap(texts, cast("dict[str, str]", os.environ))

    def node(self, node: Node, path: tuple[str, ...]) -> Node:
        """Return the node with the texts below it filled."""
        if isinstance(node, Section):
            section = Section({key: self.node(node[key], (*path, key)) for key in node})
            section.origin, section.source = node.origin, node.source
            return section
        if isinstance(node, Items):
            items = Items(self.node(item, (*path, item_step(at))) for at, item in enumerate(node))
            items.origin, items.source = node.origin, node.source
            return items
        if isinstance(node, Text) and node.raw:
            return self.text(node, path)
        return node

    def text(self, text: Text, path: tuple[str, ...]) -> Text:
        """Return one text filled, with the cells that it was made of."""
        filled, used, missing = expand(text.raw, self._variables)
        cells = tuple(self._cells[name] for name in dict.fromkeys(used) if name in self._cells)
        variables = " ".join(name for name in used if name not in self._cells)
        option = text.origin.detail.partition("environment ")[0].rstrip(", ")
        detail = ", ".join(filter(None, (option, variables and f"environment {variables}")))
        for name in missing:
            self.problems.append(self._missing(name, text, path))
        return Text.at(text.origin._replace(detail=detail, cells=cells), filled)

    def _missing(self, name: str, text: Text, path: tuple[str, ...]) -> Problem:
        table = self._row[0].table if self._row else "each"
        hint = did_you_mean(name, self._cells)
        reason = f"{table} has no column {name}{hint}, nor is there a variable {name}"
        where = path or ("jobs", self._template)
        # A name is needed in any case, a value only where it is used.
        return Problem(text.origin, where, reason, bool(path), self._template)
