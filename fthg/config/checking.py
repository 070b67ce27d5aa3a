"""A whole tree checked against the schemas of its sections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ..text import did_you_mean
from .each import JOB_NAME
from .logging_options import LOGGING_KEYS
from .misplaced_keys import (
    EACH_IN_DEFAULTS,
    NO_NAME,
    nameless_job,
    no_effect,
    not_by_name,
    unknown_section,
)
from .problem import MOST, Problem, first_of
from .schema import check
from .sections import NAMES, Sections, defaults_of, job_scheme, jobs_of
from .tree import Section, origin_of


class Checked(NamedTuple):
    """The data of each section; without that of sections and jobs that have problems."""

    run: Mapping[str, Any]
    logging: Mapping[str, Any]
    jobs: Mapping[str, Mapping[str, Any]]  # by name
    track: Mapping[str, Any]


def check_tree(tree: Section, sections: Sections) -> tuple[Checked, list[Problem]]:
    """Return the data of a tree and every problem in it."""
    problems = first_of(
        Problem(key.origin, (key,), unknown_section(key, sections))
        for key in tree
        if key not in NAMES
    )
    run, of_run = check(tree.get("run"), sections.run, ("run",))
    logging, of_logging = check(tree.get("logging"), LOGGING_KEYS, ("logging",))
    track, of_track = check(tree.get("track"), sections.track, ("track",))
    jobs, of_jobs = _check_jobs(tree, sections)
    problems += [
        *of_run,
        *of_logging,
        *first_of(_defaults_problems(tree, sections)),
        *of_jobs,
        *of_track,
    ]
    return Checked(run, logging, jobs, track), problems


def _check_jobs(
    tree: Section, sections: Sections
) -> tuple[dict[str, Mapping[str, Any]], list[Problem]]:
    if nameless_job(tree, sections):
        return {}, [Problem(origin_of(tree, ["jobs"]), ("jobs",), NO_NAME)]
    problems = first_of(_misshapen_jobs(tree))
    jobs, places = dict[str, Mapping[str, Any]](), set[object]()
    for name, section in jobs_of(tree).items():
        if isinstance(section, Section):
            data, found = _check_job(str(name), tree, section, sections)
            problems += [problem._replace(template=section.template) for problem in found]
            places.update((section.template or name, problem.origin[:3]) for problem in found)
            if not found:
                jobs[str(name)] = data
            elif len(places) > MOST:
                reason = "the jobs after this one were not checked: there are too many errors"
                problems.append(Problem(name.origin, ("jobs", name), reason))
                break
    return jobs, problems


def _misshapen_jobs(tree: Section) -> Iterator[Problem]:
    jobs = tree.get("jobs")
    if jobs is not None and not isinstance(jobs, Section):
        yield Problem(origin_of(tree, ["jobs"]), ("jobs",), not_by_name(jobs))
    for name, job in jobs_of(tree).items():
        path = ("jobs", name)
        if not JOB_NAME.fullmatch(name):
            hint = "; ${…} in it needs the key each" if "${" in name else ""
            reason = f"a job's name has letters, digits, '_', '.' and '-' only{hint}"
            yield Problem(name.origin, path, reason)
        if not isinstance(job, Section):
            reason = "must be a mapping of the job's keys"
            yield Problem(origin_of(tree, [*path]), path, reason)


def _check_job(
    name: str, tree: Section, section: Section, sections: Sections
) -> tuple[dict[str, Any], list[Problem]]:
    path = ("jobs", name)
    foreign = list(sections.foreign_keys(tree, section))
    full = sections.with_defaults(tree, section)
    fitting = full.without(foreign) if foreign else full
    data, problems = check(fitting, sections.job_schema(tree, section), path)
    scheme = job_scheme(tree, section)
    problems += [Problem(key.origin, (*path, key), no_effect(key, scheme)) for key in foreign]
    wrong = {problem.path[2] for problem in problems if len(problem.path) > 2}
    if problems:
        rest, missing = check(fitting.without(wrong), sections.job_schema(tree, section), path)
        if missing:
            return data, problems
    for key, reason in sections.job_errors(rest if problems else data, _chosen(section)):
        if not wrong & {key, *re.findall(r"\w+", reason)}:  # it may follow from what is wrong
            problems.append(Problem(origin_of(full, [key]), (*path, key), reason))
    return data, problems


def _chosen(job: Section) -> Collection[str]:
    """Return the keys that a job itself has; those of files only if its model is of a file, too."""
    if origin_of(job, ["model"]).line or "model" not in job:
        return [str(key) for key in job]
    return [str(key) for key in job if not origin_of(job, [key]).line]


def _defaults_problems(tree: Section, sections: Sections) -> Iterator[Problem]:
    """Yield a problem for each key of the defaults that no protocol knows."""
    if tree.get("defaults") is not None and not isinstance(tree["defaults"], Section):
        reason = "must be a mapping of keys and values"
        yield Problem(origin_of(tree, ["defaults"]), ("defaults",), reason)
    known = [str(key) for key in sections.job("") if key != "each"]
    for key in defaults_of(tree):
        if key not in known:
            reason = EACH_IN_DEFAULTS if key == "each" else f"unknown key{did_you_mean(key, known)}"
            yield Problem(key.origin, ("defaults", str(key)), reason)
