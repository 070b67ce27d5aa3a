"""The jobs that a run is for, and the problems that matter to it."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import Any

from ..text import did_you_mean
from .overrides import option
from .problem import Problem
from .sections import defaults_of, jobs_of
from .tree import Section


def selected_jobs(tree: Section, args: argparse.Namespace) -> list[str]:
    """Return the names of the jobs that `--job` names, else of all, as far as they are enabled."""
    jobs = jobs_of(tree)
    wanted = args.job or list(jobs)
    return [str(name) for name in jobs if name in wanted and _enabled(tree, jobs[name])]


def selection_problems(tree: Section, args: argparse.Namespace) -> list[Problem]:
    """Return a problem for each `--job` that does not exist or is disabled."""
    problems, jobs = [], jobs_of(tree)
    for name in () if args.from_results else args.job:  # results may be of jobs that are gone
        if name not in jobs:
            reason = f"there is no job {name!r}{did_you_mean(name, map(str, jobs))}"
            problems.append(Problem(option("--job"), (), reason))
        elif not _enabled(tree, jobs[name]):
            reason = f"job {name} is disabled; --set jobs.{name}.enabled=true enables it"
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
