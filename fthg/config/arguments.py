"""Options of the command line, set as keys of the tree."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence

from ..cli import JOB, TRACKING
from ..errors import ConfigError
from ..urls import scheme_of
from .overrides import option, put, text
from .schema import Schema
from .tree import Items, Section, origin_of

_LEVELS = ("info", "debug", "trace")
_PLAIN = (
    "method", "proxy", "connect_timeout", "connect_to", "cert", "key", "ca", "known_hosts",
    "host_key", "remote_name",
)  # fmt: skip
_SWITCHES = {"follow_redirects": "location", "atomic": "atomic", "mkdir": "mkdir"}
"""Keys that are true if an option is given, and its name in the parsed arguments."""


def override(tree: Section, args: argparse.Namespace, selected: Sequence[str]) -> None:
    """Set the options' values over those of the files, for these jobs."""

    def set_text(value: object, name: str, *path: str) -> None:
        if value is not None:
            put(tree, path, text(value, name), option(name))

    _override_jobs(tree, args, selected)
    mode = "track" if args.track else "run"
    set_text(args.duration, "--duration", "run", "duration")
    set_text(args.workers, "--workers", "run", "workers")
    set_text(args.results, "--results", "run", "results")
    set_text(args.summary, "--summary", mode, "summary")
    set_text(args.junit, "--junit", mode, "junit")
    set_text(args.output, "--output", mode, "output" if args.track else "report")
    set_text(args.zone, "--zone", mode, "zone")
    set_text(args.baseline, "--baseline", mode, "baseline")
    set_text(args.metrics, "--metrics", "run", "metrics")
    _override_thresholds(tree, args)
    if args.verbose:
        level = _LEVELS[min(args.verbose, len(_LEVELS)) - 1]
        set_text(level, "-" + "v" * args.verbose, "logging", "level")
    set_text(args.log_format, "--log-format", "logging", "format")
    _override_log(tree, args)
    for key, name in TRACKING.items():
        value = getattr(args, key)
        if key == "sent" and value:
            put(tree, ("track", key), _items(value, name), option(name))
        elif value not in (None, False, []):
            set_text("true" if value is True else value, name, "track", key.rstrip("_"))


def _override_jobs(tree: Section, args: argparse.Namespace, selected: Sequence[str]) -> None:
    given = {key: name for key, name in JOB.items() if getattr(args, key) is not None}
    for job in (name for name in selected if isinstance(tree["jobs"][name], Section)):
        for key, name in given.items():
            # A row may have it from `--set jobs.partner-${name}.…` already, which goes first.
            if not origin_of(tree["jobs"][job].get(key), []).detail.startswith("--set"):
                put(tree, ("jobs", job, key), text(getattr(args, key), name), option(name))


def _items(given: Sequence[str], name: str) -> Items:
    items = Items(text(value, name) for value in given)
    items.origin = option(name)
    return items


def _override_thresholds(tree: Section, args: argparse.Namespace) -> None:
    if args.threshold:
        section = ("track",) if args.track else ("jobs", "cli") if args.url else ("run",)
        items = _items(args.threshold, "--threshold")
        put(tree, (*section, "thresholds"), items, option("--threshold"))


def _override_log(tree: Section, args: argparse.Namespace) -> None:
    """Set `--log-file` and `--syslog`: path and address alone, if the file has a mapping."""
    for key, place, name in (("file", "path", "--log-file"), ("syslog", "address", "--syslog")):
        value = getattr(args, "log_file" if key == "file" else key)
        if value is not None:
            now = tree["logging"].get(key) if isinstance(tree.get("logging"), Section) else None
            path = ("logging", key, place) if isinstance(now, Section) else ("logging", key)
            put(tree, path, text(value, name), option(name))


def for_results(files: Section, outputs: Schema) -> Section:
    """Return what judges results: without the outputs of the run, which must not be overwritten."""
    tree = Section({key: files[key] for key in files if key in ("run", "defaults", "jobs")})
    run = tree.get("run")
    if isinstance(run, Section):
        tree["run"] = Section({key: run[key] for key in run if key not in outputs})
    return tree


def ad_hoc(files: Section, args: argparse.Namespace) -> Section:
    """Return a tree with one job named cli, and run, logging and defaults of the files."""
    tree = Section({key: files[key] for key in files if key in ("run", "logging", "defaults")})

    def add(value: object, name: str, *path: str) -> None:
        if value is not None:
            put(tree, ("jobs", "cli", *path), text(value, name), option(name))

    over_ssh = scheme_of(args.url) == "sftp"
    add(args.url, "--url", "url")
    for key in _PLAIN:
        add(getattr(args, key), "--" + key.replace("_", "-"), key)
    for key, option_key in _SWITCHES.items():
        add("true" if getattr(args, option_key) else None, f"--{option_key}", key)
    for name, values in _headers(args.header).items():
        read = _items(values, "--header") if len(values) > 1 else text(values[0], "--header")
        put(tree, ("jobs", "cli", "headers", name), read, option("--header"))
    if args.insecure:
        add("ignore" if over_ssh else "false", "--insecure", "host_key" if over_ssh else "verify")
    login = () if over_ssh else ("auth", "basic")
    if args.user is not None:
        user, colon, password = args.user.partition(":")
        add(user, "--user", *login, "user")
        add(password if colon else None, "--user", *login, "password")
    add(args.password_file, "--password-file", *login, "password_file")
    return tree


def _headers(given: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return the values of each header in their order; raises ConfigError."""
    names: dict[str, str] = {}  # in lower case → as it was written first
    found: dict[str, list[str]] = {}
    for header in given:
        written, colon, value = header.partition(":")
        if not colon:
            shown = f"{header.split()[0]}…" if header.split() else ""  # the rest may be a secret
            raise ConfigError(f"-H/--header: {shown!r} has no colon; write 'Name: value'")
        name = names.setdefault(written.strip().lower(), written.strip())
        found.setdefault(name, []).append(value.strip())
    return found
