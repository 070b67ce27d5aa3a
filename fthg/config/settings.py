"""All that was configured, by files, environment and command line, read and checked as a whole."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from .arguments import ad_hoc, for_results, override
from .argv import option_secrets
from .checking import check_tree
from .each import Expanded, expanded
from .files import read_files
from .overrides import by_exactness, of_template, put_assignment
from .problem import config_error, few_of_rows
from .schema import Schema
from .secrets import environment_secrets, secrets_in
from .sections import Sections, jobs_of
from .selection import matters, selected_jobs, selection_problems
from .tree import Section, Text, origin_of


class Settings(NamedTuple):
    """The checked data, and the tree it was read from, for showing origins."""

    tree: Section
    schema: Mapping[str, Schema]  # of the tree
    run: Mapping[str, Any]
    logging: Mapping[str, Any]
    jobs: Mapping[str, Mapping[str, Any]]  # those that are to run, by name
    track: Mapping[str, Any]
    tables: Sequence[str] = ()  # the paths of the tables of `each`

    def secrets(self) -> set[str]:
        """Return every text that no output may show."""
        checked = {"jobs": self.jobs, "track": self.track}
        found = {*secrets_in(self.tree, self.schema), *secrets_in(checked, self.schema)}
        if any(job.get("trust_env") for job in self.jobs.values()):
            found.update(environment_secrets())
        return found - {""}


def read(args: argparse.Namespace, sections: Sections) -> Settings:
    """Return the settings that the arguments ask for; ConfigError with all of their errors."""
    tree, problems, tables, complete = _jobs_made(args)
    if args.from_results:
        tree = for_results(tree, sections.outputs)
    if complete:
        problems += selection_problems(tree, args)
    override(tree, args, selected_jobs(tree, args))
    for assignment in by_exactness(args.set):
        if not of_template(assignment):
            problems += put_assignment(tree, assignment)
    schema = sections.schema(tree)
    checked, found = check_tree(tree, sections)
    selected = selected_jobs(tree, args)
    errors = [problem for problem in (*problems, *found) if matters(problem, selected, args)]
    if errors:
        raise config_error(few_of_rows(errors), set(secrets_in(tree, schema)))
    jobs = _spread(tree, checked.jobs, sections)
    chosen = {name: jobs[name] for name in selected}
    return Settings(tree, schema, checked.run, checked.logging, chosen, checked.track, tables)


def _jobs_made(args: argparse.Namespace) -> Expanded:
    """Return what the files hold, or the ad hoc job, with a job for each row of a table."""
    tree, problems = read_files(args)
    if args.url is not None:
        tree = ad_hoc(tree, args)
    for assignment in filter(of_template, args.set):
        found = put_assignment(tree, assignment)
        problems += [problem for problem in found if not problem.missing_variable]
    return expanded(tree, problems)


def _spread(
    tree: Section, jobs: Mapping[str, Mapping[str, Any]], sections: Sections
) -> Mapping[str, Mapping[str, Any]]:
    """Return the data of all jobs; those of one `each` spread their starts, selected or not.

    The tree gets these starts, too, as it is shown: its jobs have no table any more.
    """
    rows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, job in jobs_of(tree).items():
        if job.template:
            rows.setdefault(job.template, {})[str(name)] = jobs[str(name)]
    spread = dict(jobs)
    for of_one in rows.values():
        spread.update(zip(of_one, sections.spread(list(of_one.values()))))
    for name, job in jobs_of(tree).items():
        start = spread[str(name)].get("start_after")
        if start is not None and start != jobs[str(name)].get("start_after"):
            origin = origin_of(job, ["rate"])._replace(cells=(), detail="spread")
            job[Text.at(origin, "start_after")] = Text.at(origin, _seconds(start))
    return spread


def _seconds(start: float) -> str:
    return f"{start:.9f}".rstrip("0").rstrip(".") + "s"  # whole nanoseconds, see `spread`


def secrets_of(args: argparse.Namespace, sections: Sections) -> set[str]:
    """Return the secrets that can be found even if reading fails, whatever the failure is."""
    found = set(option_secrets(args, sections))
    with suppress(Exception):
        tree = _jobs_made(args).tree
        found.update(secrets_in(tree, sections.schema(tree)))
    return found - {""}
