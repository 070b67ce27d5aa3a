"""The jobs that a run is for, and the problems that matter to it."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from ..text import did_you_mean
from .overrides import option
from .problem import Problem
from .sections import defaults_of, jobs_of
from .tree import Section

_WILD = re.compile(r"[*?\[]")
_SUGGESTED = 1000
"""Names that a suggestion is looked for in."""

_LISTED = 20


def selected_jobs(tree: Section, args: argparse.Namespace) -> list[str]:
    """Return the names of the jobs that `--job` fits, else of all, as far as they are enabled."""
    jobs = jobs_of(tree)
    wanted = args.job or ["*"]
    return [str(name) for name in jobs if fits(name, wanted) and _enabled(tree, jobs[name])]


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Return whether a job's name is one of `--job`, which may be patterns."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def selection_problems(tree: Section, args: argparse.Namespace) -> list[Problem]:
    """Return a problem for each `--job` that fits no job, or only disabled ones."""
    problems, jobs = [], jobs_of(tree)
    for pattern in () if args.from_results else args.job:  # results may be of jobs that are gone
        found = [str(name) for name in jobs if fits(name, [pattern])]
        if not found:
            what = "no job fits" if _WILD.search(pattern) else "there is no job"
            hint = did_you_mean(pattern, islice(map(str, jobs), _SUGGESTED), _LISTED)
            problems.append(Problem(option("--job"), (), f"{what} {pattern!r}{hint}"))
        elif not any(_enabled(tree, jobs[name]) for name in found):
            which = f"job {found[0]} is" if len(found) == 1 else f"every job {pattern!r} is"
            reason = f"{which} disabled; --set jobs.{found[0]}.enabled=true enables it"
            problems.append(Problem(option("--job"), (), reason))
    return problems


def _enabled(tree: Section, job: Any) -> bool:
    word = job.get("enabled") if isinstance(job, Section) else None
    if word is None:
        word = defaults_of(tree).get("enabled")
    return str(word).lower() not in ("false", "no", "off", "n")


def matters(problem: Problem, selected: Collection[str], args: argparse.Namespace) -> bool:
    """Return whether a problem is an error: a missing variable is one only where it is used."""
    if not problem.missing_variable:
        return True
    section = problem.path[0] if problem.path else ""
    if args.from_results:
        return section == "run"  # nothing logs in
    if args.track:
        return section in ("track", "logging")
    if section == "jobs":
        return len(problem.path) > 1 and problem.path[1] in selected
    return section != "track"
