"""The schemas of all sections; those of the modes are handed in, as no mode is imported here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from ..urls import scheme_of
from .logging_options import LOGGING_KEYS
from .schema import Schema, without_defaults
from .tree import Section, Text, merged

NAMES = ("run", "logging", "defaults", "jobs", "track")
"""The sections of a configuration."""


class Sections(NamedTuple):
    """The schemas of the sections `run`, `jobs` and `track`."""

    run: Schema
    outputs: Schema
    """Those keys of `run` that name files of the run itself."""

    job: Callable[[str], Schema]
    """The keys of a job by the scheme of its URL; those of all schemes where it is unknown."""

    job_errors: Callable[[Mapping[str, Any], Collection[str]], Iterable[tuple[str, str]]]
    """Yields (key, reason) for keys of a job that are each right but do not go together.

    It is called with the checked data, and the keys that the job itself has, not the defaults.
    """

    track: Schema

    spread: Callable[[Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]
    """Makes the jobs of one `each`, given in the order of its rows, start one after the other."""

    def schema(self, tree: Section) -> Mapping[str, Schema]:
        """Return the schema of a whole tree, with that of each of its jobs."""
        return {
            "run": self.run,
            "logging": LOGGING_KEYS,
            "defaults": without_defaults(self.job("")),
            "jobs": {name: self.job_schema(tree, job) for name, job in jobs_of(tree).items()},
            "track": self.track,
        }

    def job_schema(self, tree: Section, job: Any) -> Schema:
        """Return the schema of a job."""
        return self.job(job_scheme(tree, job))

    def foreign_keys(self, tree: Section, job: Section) -> Iterator[Text]:
        """Yield the keys of a job that only other protocols have."""
        known = {str(key) for key in self.job_schema(tree, job)}
        others = {str(key) for key in self.job("")} - known
        return (key for key, value in job.items() if value is not None and key in others)

    def with_defaults(self, tree: Section, job: Section) -> Section:
        """Return the job merged over those of the defaults that its protocol knows."""
        known = {str(key) for key in self.job_schema(tree, job)}
        defaults = defaults_of(tree)
        fitting = Section({key: defaults[key] for key in defaults if key in known})
        return cast(Section, merged(fitting, job)) if fitting else job


def job_scheme(tree: Section, job: Any) -> str:
    """Return the scheme of the URL of a job, which it may have from the defaults."""
    url = (job.get("url") if isinstance(job, Section) else None) or defaults_of(tree).get("url")
    return scheme_of(str(url))


def jobs_of(tree: Section) -> Section:
    """Return the section `jobs`, an empty one if it is missing or not a mapping."""
    jobs = tree.get("jobs")
    return jobs if isinstance(jobs, Section) else Section()


def defaults_of(tree: Section) -> Section:
    """Return the section `defaults`, an empty one if it is missing or not a mapping."""
    defaults = tree.get("defaults")
    return defaults if isinstance(defaults, Section) else Section()
