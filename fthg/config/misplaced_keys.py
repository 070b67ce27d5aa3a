"""Explains keys that stand in a wrong place of the configuration, and says where they belong."""

from __future__ import annotations

from typing import Any

from ..text import did_you_mean
from .schema import Schema
from .sections import NAMES, Sections
from .tree import Items, Section

_FORM = (
    "write `jobs:`, below it `{name}:`, and below that url, files and rate, each further indented"
)

NO_NAME = f"these are the keys of one job, which needs a name; {_FORM.format(name='orders')}"
EACH_IN_DEFAULTS = "each belongs to one job, jobs.NAME.each: it makes one job for each row"

_INSTEAD = {
    "sftp": {
        "verify": "host_key: ignore",
        "ca": "known_hosts",
        "cert": "certificate",
        "auth": "user, and password, password_file or key",
        "method": "nothing: SFTP has none",
    },
    "http": {
        "user": "auth: {basic: {user: …, password_file: …}}",
        "password": "auth: {basic: {user: …, password: …}}",
        "password_file": "auth: {basic: {user: …, password_file: …}}",
        "passphrase": "a key without one, or cert as PKCS#12",
        "certificate": "cert",
        "host_key": "verify: false, to check no certificate",
        "known_hosts": "ca, the authorities to trust",
        "remote_name": "the name in the URL, as in https://host/up/{filename}",
    },
}
"""What has the effect of another protocol's key, by the protocol of the job."""


def no_effect(key: str, scheme: str) -> str:
    """Return the reason for a key that jobs of this scheme do not have, and what they have."""
    family = "sftp" if scheme == "sftp" else "http"
    instead = _INSTEAD[family].get(key)
    other = "HTTP" if family == "sftp" else "SFTP"
    reason = f"this has no effect: jobs over {scheme} have no such key, only {other} jobs have"
    return f"{reason}; write {instead}" if instead else f"{reason}; leave it out"


def not_by_name(jobs: Any) -> str:
    """Return the reason for jobs that are no mapping."""
    first = jobs[0] if isinstance(jobs, Items) and jobs else None
    name = first.get("name") if isinstance(first, Section) else None
    what = "must be a mapping, in which each job has its name as key"
    return f"{what}; {_FORM.format(name=name or 'orders')}"


def nameless_job(tree: Section, sections: Sections) -> bool:
    """Return whether the keys of one job stand where the names of jobs should."""
    jobs = tree.get("jobs")
    known = _names(sections.job(""))
    return (
        isinstance(jobs, Section)
        and any(_has_value(jobs, key) for key in ("url", "files", "rate"))
        and not any(isinstance(jobs[key], Section) and key not in known for key in jobs)
    )


def _has_value(jobs: Section, key: str) -> bool:
    """Return whether a key has a value that no job can be: one may have such a name, too."""
    return jobs.get(key) is not None and not isinstance(jobs[key], Section)


def unknown_section(key: str, sections: Sections) -> str:
    """Return the reason for a key beside `run` and `jobs`, with the section that has such one."""
    of_job = _names(sections.job(""))
    if key in of_job and key in _names(sections.run):
        return f"unknown key; it belongs to the run (run.{key}) or to a job (jobs.NAME.{key})"
    for known, place in (
        (_names(sections.run), "run"),
        (of_job, "jobs.NAME"),
        (_names(sections.track), "track"),
    ):
        if key in known:
            return f"unknown key; it belongs below {place}: {place}.{key}"
    return f"unknown key{did_you_mean(key, NAMES)}"


def _names(schema: Schema) -> set[str]:
    return {str(key) for key in schema}
