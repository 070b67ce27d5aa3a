"""The program after the patch: read the settings, run the mode that is asked for, report errors."""

from __future__ import annotations

import argparse
import io
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from rich.console import Console

from . import load, track
from .cli import NO_CONFIGURATION
from .clock import Clock
from .config import settings
from .config.argv import hide_secrets
from .config.files import config_files
from .config.logging_options import log_settings
from .config.secrets import files_exposing_secrets
from .config.sections import Sections, jobs_of
from .config.show import show
from .errors import ConfigError, FthgError
from .load.check import describe_plan
from .load.from_results import Choice
from .load.options import RUN_KEYS, job_keys
from .load.outputs import OUTPUT_KEYS
from .load.planning import caution, job_errors, make_plan, make_senders
from .log import Log, Logs, Masks, quiet_hub
from .log import start as start_logs
from .signals import load_signals, track_signals
from .text import escape
from .threads import in_thread
from .writing import InputFile, OutputFile, Stamp, check_outputs, is_standard_output

_log = Log(__name__)

SECTIONS = Sections(RUN_KEYS, OUTPUT_KEYS, job_keys, job_errors, track.TRACK_KEYS)
"""The schemas of what the modes let stand in a configuration."""


def program(args: argparse.Namespace) -> int:
    """Run what the arguments ask for and return the exit status; every error ends here."""
    secrets: set[str] = set()  # as far as they are known
    try:
        gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # the hub would print it
        hide_secrets(args, SECTIONS)
        logging.lastResort = None  # it would print raw lines before the logs are open
        return _run(args, secrets)
    except FthgError as error:
        sys.stderr.write(_message(error, args, Masks(secrets)))
        return error.status
    except BrokenPipeError:
        return 0  # whoever read the output has seen enough
    except KeyboardInterrupt:
        return load.CUT
    except Exception:  # noqa: BLE001 - the last place there is
        sys.stderr.write("fthg: an unexpected error; please report it with these lines:\n")
        shown = Masks(secrets | settings.secrets_of(args, SECTIONS))(traceback.format_exc())
        sys.stderr.writelines(f"{escape(line)}\n" for line in shown.splitlines())
        return FthgError.status


def _message(error: FthgError, args: argparse.Namespace, mask: Callable[[str], str]) -> str:
    """Return an error as it is printed; several errors of a configuration are counted."""
    errors = error.errors if isinstance(error, ConfigError) else [str(error)]
    lines = [escape(mask(line)) for line in errors]
    if isinstance(error, ConfigError) and len(lines) > 1:
        place = f" {escape(mask(error.where))}" if error.where else ""
        lines.insert(0, f"{len(lines)} errors{place}{_consequence(args)}:")
    return "fthg: " + "\n  ".join(lines) + "\n"


def _consequence(args: argparse.Namespace) -> str:
    if args.show_config or args.from_results:
        return ""
    return "; no report was written" if args.track else "; nothing was sent"


def _run(args: argparse.Namespace, secrets: set[str]) -> int:
    if args.sample_config:
        sys.stdout.write(sample_config())
        return 0
    read = settings.read(args, SECTIONS)
    secrets.update(read.secrets())
    if args.show_config:
        sys.stdout.write("\n".join(show(read.tree, read.schema)) + "\n")
        return 0
    stamp = Stamp.at(datetime.now())
    if args.from_results:
        return _from_results(args, read, stamp)
    if args.track:
        return _track(args, read, stamp)
    if not read.jobs:
        sys.stderr.write(_nothing_to_do(config_files(args), list(jobs_of(read.tree))))
        return ConfigError.status
    return _load(args, read, stamp)


def _nothing_to_do(files: Sequence[str], jobs: Sequence[str]) -> str:
    if not files:
        return NO_CONFIGURATION
    named = escape(", ".join(files))
    if not jobs:
        return f"fthg: {named} has no jobs; man fthg.yaml shows how to write one\n"
    return (
        f"fthg: no job is enabled in {named}; its jobs are {', '.join(jobs)}\n"
        f"  write `enabled: true` there, or add --set jobs.{jobs[0]}.enabled=true\n"
    )


def sample_config() -> str:
    """Return the annotated sample, as it is installed."""
    here = Path(__file__).parent
    installed, in_tree = here / "jobs.yaml", here.parent / "etc" / "jobs.yaml"
    return (installed if installed.exists() else in_tree).read_text(encoding="utf-8")


def _load(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    plan = replace(make_plan(read.run, read.jobs, stamp), secrets=read.secrets())
    outputs = load.output_files(plan)
    checking = partial(check_outputs, [*outputs, _log_file(read, stamp)], _inputs(args, read))
    in_thread(checking)  # so that a signal ends the waiting for a directory that hangs
    clock = Clock()
    err = _console(sys.stderr, args)
    if args.check:
        with _logs(args, read, err, clock, stamp):
            caution(plan)
            make_senders(plan, clock)
            sys.stdout.writelines(f"{escape(line)}\n" for line in describe_plan(plan))
        return 0
    out = err if _on_standard_output(outputs) else _console(sys.stdout, args)
    around = load.Surroundings(
        clock,
        terminal=err,
        progress=not args.quiet and not (out is err and sys.stdout.isatty()),
        summary=None if args.quiet > 1 else out,
    )
    return load.run(
        plan,
        around,
        open_logs=lambda: _logs(args, read, err, clock, stamp),
        signals=lambda running: load_signals(running, err),
    )


def _from_results(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    plan = make_plan(read.run, read.jobs, stamp._replace(run=args.run or stamp.run))
    outputs = load.output_files(plan)
    check_outputs([*outputs, _log_file(read, stamp)], _inputs(args, read))
    clock, err = Clock(), _console(sys.stderr, args)
    out = err if _on_standard_output(outputs) else _console(sys.stdout, args)
    summary = None if args.quiet > 1 else out
    with _logs(args, read, err, clock, stamp):
        return load.from_results(
            args.from_results,
            sys.stdin.buffer,
            plan,
            Choice(args.run, args.job),
            load.Surroundings(clock, err, summary=summary),
        )


def _log_file(read: settings.Settings, stamp: Stamp) -> OutputFile:
    file = read.logging.get("file")
    path = stamp.fill(file["path"]) if file else None
    return OutputFile("logging.file", path, appended=True)


def _on_standard_output(outputs: Sequence[OutputFile]) -> bool:
    return any(output.path and is_standard_output(output.path) for output in outputs)


def _inputs(args: argparse.Namespace, read: settings.Settings) -> Sequence[InputFile]:
    """Return the files that are read, which no output may overwrite."""
    keys = ("files", "cert", "key", "ca", "known_hosts")
    return [
        *(InputFile("the configuration", path) for path in config_files(args)),
        *(InputFile("results", path) for path in args.from_results),
        *(
            InputFile(f"jobs.{name}.{key}", job[key])
            for name, job in read.jobs.items()
            for key in keys
            if isinstance(job.get(key), str)
        ),
    ]


def _track(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    outputs = ("output", "csv", "summary", "ledger")
    filled = {name: stamp.fill(read.track[name]) for name in outputs if name in read.track}
    plan = track.track_plan({**read.track, **filled}, datetime.now().astimezone())
    track.check_files(plan, [_log_file(read, stamp)], _inputs(args, read))
    if args.check:
        sys.stdout.write(f"{plan.ingress}\n{plan.egress}\nThe configuration is right.\n")
        return 0
    clock, stop, err = Clock(), Event(), _console(sys.stderr, args)
    out = sys.stderr if _on_standard_output(track.outputs(plan)) else sys.stdout
    with _logs(args, read, err, clock, stamp) as logs, track_signals(stop, logs):
        return track.run(
            plan,
            clock,
            err,
            io.StringIO() if args.quiet > 1 else out,
            stop=stop,
            quiet=bool(args.quiet),
            status_interval=read.run["status_interval"],
        )


def _console(stream: Any, args: argparse.Namespace) -> Console:
    """Return a console on a stream; `--color always` colours a pipe, too, but redraws nothing."""
    return Console(
        file=stream,
        color_system="standard" if args.color == "always" else "auto",
        no_color={"always": False, "never": True}.get(args.color),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


@contextmanager
def _logs(
    args: argparse.Namespace,
    read: settings.Settings,
    console: Console,
    clock: Clock,
    stamp: Stamp,
) -> Iterator[Logs]:
    level = logging.ERROR if args.quiet else None
    wanted = log_settings(read.logging, console, read.secrets(), level)
    path = _log_file(read, stamp).path
    if wanted.file and path:
        wanted = replace(wanted, file=replace(wanted.file, path=path))
    logs = start_logs(wanted, clock)
    quiet_hub(_log)
    for path in files_exposing_secrets(read.tree, read.schema):
        _log.warning("everyone can read this file, and a secret is in it: chmod o-r", file=path)
    try:
        yield logs
    finally:
        logs.close()
