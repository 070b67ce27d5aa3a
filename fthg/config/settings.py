"""All that was configured, by files, environment and command line: one tree, checked as a whole."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, cast

from ..cli import DEFAULT_CONFIG
from ..errors import ConfigError
from ..text import did_you_mean
from ..urls import scheme_of
from . import argv
from .arguments import ad_hoc, for_results, override
from .document import MAX_SIZE, Fault, parse
from .logging_options import LOGGING_KEYS
from .overrides import option, put_assignment
from .schema import check
from .secrets import ambient, hushed, secrets_in
from .sections import Schema, Sections
from .tree import Origin, Section, merged, origin_of

_SECTIONS = ("run", "logging", "defaults", "jobs", "track")

HINT = f"""\
fthg: there is nothing to do: {{why}}.

  fthg --sample-config > jobs.yaml     an annotated configuration to begin with
  fthg -c jobs.yaml --check            is it right, and what would be sent?
  fthg --url https://host/upload --files DIRECTORY --rate 5/s

The installed configuration is {DEFAULT_CONFIG}; man fthg and man fthg.yaml tell the rest."""


class Settings(NamedTuple):
    """The checked data, and the tree it was read from, for showing origins."""

    tree: Section
    schema: Mapping[str, Any]  # of the tree, for `show`
    run: Mapping[str, Any]
    logging: Mapping[str, Any]
    jobs: Mapping[str, Mapping[str, Any]]  # those that are to run, by name
    track: Mapping[str, Any]

    def secrets(self) -> set[str]:
        """Every text that no output may show."""
        found = {text for data in (self.tree, self.jobs, self.track) for text in secrets_in(data)}
        if any(job.get("trust_env") for job in self.jobs.values()):
            found.update(ambient())
        return found - {""}


def read(args: argparse.Namespace, sections: Sections) -> Settings:
    """Read what the arguments ask for; raises ConfigError with every fault there is."""
    tree, faults = _files(args)
    if args.url is not None:
        tree = ad_hoc(tree, args)
    if args.from_results:
        tree = for_results(tree)
    selected = _selected(tree, args, faults)
    override(tree, args, selected)
    for assignment in args.set:
        faults += put_assignment(tree, assignment)
    selected = _selected(tree, args, [])
    settings, more = _checked(tree, selected, sections)
    used = [fault for fault in faults if not fault.variable or _is_used(fault, selected, args)]
    if used or more:
        raise ConfigError(*hushed(_in_order([*used, *more]), set(secrets_in(tree))))
    return settings


def secrets_of(args: argparse.Namespace) -> set[str]:
    """The secrets that can be found even where reading failed, whatever the failure was."""
    found = set(argv.secrets_of(args))
    with suppress(Exception):
        found.update(secrets_in(_files(args)[0]))
    return found - {""}


def config_files(args: argparse.Namespace) -> list[str]:
    """The configuration files that are to be read, in their order."""
    if args.config:
        return list(args.config)
    if args.url is not None or args.from_results:
        return []
    named = os.environ.get("FTHG_CONFIG")
    if named:
        return [named]
    return [DEFAULT_CONFIG] if os.path.exists(DEFAULT_CONFIG) else []


def _files(args: argparse.Namespace) -> tuple[Section, list[Fault]]:
    tree, faults = Section(), []
    for path in config_files(args):
        node, found = parse(path, _text_of(path))
        faults += found
        if isinstance(node, Section):
            tree = cast(Section, merged(tree, node))
        elif node is not None:
            reason = "a mapping with run, logging, defaults, jobs or track is wanted here"
            faults.append(Fault(Origin(path, 1, 1), (), reason))
    if any(not fault.path and not fault.variable for fault in faults):  # it could not be parsed
        raise ConfigError(*_in_order(faults))
    return tree, faults


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(MAX_SIZE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: it cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is not UTF-8 text (byte {error.start})") from None
    if len(text) > MAX_SIZE:
        raise ConfigError(f"{path}: it is larger than 1 MiB; is this the configuration?")
    return text


def _selected(tree: Section, args: argparse.Namespace, faults: list[Fault]) -> list[str]:
    """The names of the jobs that are meant: those named by --job, else all that are enabled."""
    jobs = tree.get("jobs")
    if not isinstance(jobs, Section):
        jobs = Section()
    for name in () if args.from_results else args.job:  # results may be of jobs that are gone
        if name not in jobs:
            reason = f"there is no job {name!r}{did_you_mean(name, map(str, jobs))}"
            faults.append(Fault(option("--job"), (), reason))
        elif not _enabled(tree, jobs[name]):
            reason = f"job {name} is disabled; --set jobs.{name}.enabled=true enables it"
            faults.append(Fault(option("--job"), (), reason))
    wanted = args.job or list(jobs)
    return [str(name) for name in jobs if name in wanted and _enabled(tree, jobs[name])]


def _enabled(tree: Section, job: Any) -> bool:
    word = job.get("enabled") if isinstance(job, Section) else None
    if word is None and isinstance(tree.get("defaults"), Section):
        word = tree["defaults"].get("enabled")
    return str(word).lower() not in ("false", "no", "off", "n")


def _checked(
    tree: Section, selected: list[str], sections: Sections
) -> tuple[Settings, list[Fault]]:
    faults = [
        Fault(key.origin, (key,), f"unknown key{did_you_mean(key, _SECTIONS)}")
        for key in tree
        if key not in _SECTIONS
    ]
    run, found = check(tree.get("run"), sections.run, ("run",))
    logging, more = check(tree.get("logging"), LOGGING_KEYS, ("logging",))
    faults += [*found, *more, *_defaults_faults(tree, sections.job)]
    jobs, schemas = {}, {}
    for name, section in _sections(tree, "jobs", faults):
        full = _with_defaults(tree, section, sections.job)
        schemas[name] = sections.job(scheme_of(str(full.get("url"))))
        data, found = _job(name, full, schemas[name], sections)
        faults += found
        if name in selected and not found:
            jobs[name] = data
    tracked, found = check(tree.get("track"), sections.track, ("track",))
    faults += found
    schema = {
        "run": sections.run,
        "logging": LOGGING_KEYS,
        "jobs": schemas,
        "track": sections.track,
    }
    return Settings(tree, schema, run, logging, jobs, tracked), faults


def _sections(tree: Section, key: str, faults: list[Fault]) -> Iterator[tuple[str, Section]]:
    jobs = tree.get(key)
    if jobs is not None and not isinstance(jobs, Section):
        faults.append(Fault(origin_of(tree, [key]), (key,), "a mapping of jobs is wanted here"))
    for name, section in jobs.items() if isinstance(jobs, Section) else ():
        path = (key, name)
        if not re.fullmatch(r"[\w.-]+", name):
            reason = "a job's name has letters, digits, '_', '.' and '-' only"
            faults.append(Fault(name.origin, path, reason))
        if isinstance(section, Section):
            yield str(name), section
        else:
            faults.append(
                Fault(origin_of(tree, [*path]), path, "the keys of a job are wanted here")
            )


def _defaults_faults(tree: Section, keys: Callable[[str], Schema]) -> Iterator[Fault]:
    """Yield what no job of any protocol could take."""
    defaults = tree.get("defaults")
    if defaults is None:
        return
    if not isinstance(defaults, Section):
        yield Fault(origin_of(tree, ["defaults"]), ("defaults",), "a mapping is wanted here")
        return
    known = [str(key) for key in keys("")]
    for key in defaults:
        if key not in known:
            reason = f"unknown key{did_you_mean(key, known)}"
            yield Fault(key.origin, ("defaults", str(key)), reason)


def _with_defaults(tree: Section, job: Section, keys: Callable[[str], Schema]) -> Section:
    """The job over those of the defaults that its protocol knows."""
    defaults = tree.get("defaults")
    if not isinstance(defaults, Section):
        return job
    url = job.get("url") or defaults.get("url")
    known = [str(key) for key in keys(scheme_of(str(url)))]
    fitting = Section({key: defaults[key] for key in defaults if key in known})
    return cast(Section, merged(fitting, job))


def _job(
    name: str, section: Section, schema: Schema, sections: Sections
) -> tuple[dict[str, Any], list[Fault]]:
    path = ("jobs", name)
    data, faults = check(section, schema, path)
    if faults:
        return data, faults
    for key, reason in sections.job_errors(data):
        faults.append(Fault(origin_of(section, [key]), (*path, key), reason))
    return data, faults


def _is_used(fault: Fault, selected: list[str], args: argparse.Namespace) -> bool:
    """A missing variable only matters where its value is needed."""
    head = fault.path[0] if fault.path else ""
    if args.from_results:
        return head == "run"  # nobody logs in
    if args.track:
        return head in ("track", "logging")
    if head == "jobs":
        return len(fault.path) > 1 and fault.path[1] in selected
    return head != "track"


def _in_order(faults: list[Fault]) -> list[str]:
    """Each fault once, also where several jobs inherit it, as lines sorted by their place."""
    seen: dict[tuple[Origin, str], Fault] = {}
    for fault in faults:
        seen.setdefault((fault.origin, fault.reason), fault)
    return [str(fault) for fault in sorted(seen.values(), key=_place)]


def _place(fault: Fault) -> tuple[bool, str, int, int]:
    origin = fault.origin
    return not origin.line, origin.source, origin.line or 0, origin.column or 0
