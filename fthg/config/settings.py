"""All that was configured, by files, environment and command line, read and checked as a whole."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from .arguments import ad_hoc, for_results, override
from .argv import option_secrets
from .checking import check_tree
from .files import read_files
from .overrides import put_assignment
from .problem import config_error
from .schema import Schema
from .secrets import environment_secrets, secrets_in
from .sections import Sections
from .selection import matters, selected_jobs, selection_problems
from .tree import Section


class Settings(NamedTuple):
    """The checked data, and the tree it was read from, for showing origins."""

    tree: Section
    schema: Mapping[str, Schema]  # of the tree
    run: Mapping[str, Any]
    logging: Mapping[str, Any]
    jobs: Mapping[str, Mapping[str, Any]]  # those that are to run, by name
    track: Mapping[str, Any]

    def secrets(self) -> set[str]:
        """Return every text that no output may show."""
        checked = {"jobs": self.jobs, "track": self.track}
        found = {*secrets_in(self.tree, self.schema), *secrets_in(checked, self.schema)}
        if any(job.get("trust_env") for job in self.jobs.values()):
            found.update(environment_secrets())
        return found - {""}


def read(args: argparse.Namespace, sections: Sections) -> Settings:
    """Return the settings that the arguments ask for; ConfigError with all of their errors."""
    tree, problems = read_files(args)
    if args.url is not None:
        tree = ad_hoc(tree, args)
    if args.from_results:
        tree = for_results(tree, sections.outputs)
    problems += selection_problems(tree, args)
    override(tree, args, selected_jobs(tree, args))
    for assignment in args.set:
        problems += put_assignment(tree, assignment)
    schema = sections.schema(tree)
    checked, found = check_tree(tree, sections)
    selected = selected_jobs(tree, args)
    errors = [problem for problem in (*problems, *found) if matters(problem, selected, args)]
    if errors:
        raise config_error(errors, set(secrets_in(tree, schema)))
    jobs = {name: checked.jobs[name] for name in selected}
    return Settings(tree, schema, checked.run, checked.logging, jobs, checked.track)


def secrets_of(args: argparse.Namespace, sections: Sections) -> set[str]:
    """Return the secrets that can be found even if reading fails, whatever the failure is."""
    found = set(option_secrets(args, sections))
    with suppress(Exception):
        tree = read_files(args)[0]
        found.update(secrets_in(tree, sections.schema(tree)))
    return found - {""}
