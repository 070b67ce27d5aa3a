"""The program after the patch: read the settings, run the mode that is asked for, report errors."""

from __future__ import annotations

import argparse
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import gevent
from gevent.event import Event

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
from .errors import ConfigError, FthgError, StartError
from .load.check import describe_plan
from .load.from_results import Choice
from .load.options import RUN_KEYS, job_keys
from .load.outputs import OUTPUT_KEYS
from .load.planning import caution, job_errors, make_plan, make_senders
from .log import Log, Logs, Masks, quiet_hub
from .log import start as start_logs
from .signals import interruptible, load_signals, track_signals
from .standard import print_error, print_out
from .text import escape
from .threads import NoThreadError, in_thread
from .writing import (
    InputFile,
    OutputFile,
    Stamp,
    check_outputs,
    holding_pipes,
    is_standard_output,
)
from .writing.terminal import Terminal, standard_terminals

_log = Log(__name__)

SECTIONS = Sections(RUN_KEYS, OUTPUT_KEYS, job_keys, job_errors, track.TRACK_KEYS)
"""The schemas of what the modes let stand in a configuration."""


def program(args: argparse.Namespace) -> int:
    """Run what the arguments ask for and return the exit status; every error ends here."""
    secrets: set[str] = set()  # as far as they are known
    try:
        gevent.get_hub().NOT_ERROR += (KeyboardInterrupt,)  # the hub would print it
        hide_secrets(args, SECTIONS)
        # Its own would print raw lines while no logs are open, and none a complaint.
        logging.lastResort = logging.NullHandler()
        return _run(args, secrets)
    except FthgError as error:
        print_error(_message(error, args, Masks(secrets)))
        return error.status
    except KeyboardInterrupt:
        return load.CUT
    except Exception:  # noqa: BLE001 - the last place there is
        shown = Masks(secrets | settings.secrets_of(args, SECTIONS))(traceback.format_exc())
        lines = ["fthg: an unexpected error; please report it with these lines:"]
        lines += map(escape, shown.splitlines())
        print_error("".join(f"{line}\n" for line in lines))
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
        print_out(sample_config())
        return 0
    read = settings.read(args, SECTIONS)
    secrets.update(read.secrets())
    if args.show_config:
        print_out("\n".join(show(read.tree, read.schema)) + "\n")
        return 0
    stamp = Stamp.at(datetime.now())
    if args.from_results:
        return _from_results(args, read, stamp)
    if args.track:
        return _track(args, read, stamp)
    if not read.jobs:
        print_error(_nothing_to_do(config_files(args), list(jobs_of(read.tree))))
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
    try:
        in_thread(checking)  # so that a signal ends the waiting for a directory that hangs
    except NoThreadError as error:
        raise StartError(f"no thread can be started for the check of outputs: {error}") from None
    clock = Clock()
    with ExitStack() as last, _terminals(args, outputs) as (out, err):
        if args.check:
            with _logs(args, read, err, clock, stamp):
                caution(plan)
                make_senders(plan, clock)
            print_out("".join(f"{escape(line)}\n" for line in describe_plan(plan)))
            return 0
        around = load.Surroundings(
            clock,
            terminal=err,
            progress=not args.quiet and not (_on_standard_output(outputs) and sys.stdout.isatty()),
            summary=None if args.quiet > 1 else out,
        )
        with holding_pipes(outputs):
            status = load.run(
                plan,
                around,
                open_logs=lambda: _logs(args, read, err, clock, stamp),
                signals=lambda: load_signals(err, out, last),
            )
        if status == load.CUT:
            out.stream.patient = False  # it must end soon
        return status


def _from_results(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    plan = make_plan(read.run, read.jobs, stamp._replace(run=args.run or stamp.run))
    outputs = load.output_files(plan)
    check_outputs([*outputs, _log_file(read, stamp)], _inputs(args, read))
    clock = Clock()
    with ExitStack() as stack:
        out, err = stack.enter_context(_terminals(args, outputs))
        stack.enter_context(_logs(args, read, err, clock, stamp))
        stack.enter_context(holding_pipes(outputs))
        return load.from_results(
            args.from_results,
            sys.stdin.buffer,
            plan,
            Choice(args.run, args.job),
            load.Surroundings(clock, err, summary=None if args.quiet > 1 else out),
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
        print_out(f"{plan.ingress}\n{plan.egress}\nThe configuration is right.\n")
        return 0
    clock, stop = Clock(), Event()
    with ExitStack() as last, _terminals(args, track.outputs(plan)) as (out, err):
        out.stream.start()
        with ExitStack() as stack:  # the signals outlive the logs
            follow = stack.enter_context(track_signals(out, last))
            logs = stack.enter_context(_logs(args, read, err, clock, stamp))
            stack.enter_context(holding_pipes(track.outputs(plan)))
            stack.enter_context(follow(stop, logs))
            return track.run(
                plan,
                clock,
                err,
                None if args.quiet > 1 else out,
                stop=stop,
                quiet=bool(args.quiet),
                status_interval=read.run["status_interval"],
            )


@contextmanager
def _terminals(
    args: argparse.Namespace, outputs: Sequence[OutputFile]
) -> Iterator[tuple[Terminal, Terminal]]:
    """Open the terminals of the summary and of all else; at the end, wait for their readers.

    All files are written then, and what a terminal cannot show changes nothing.
    """
    out, err = standard_terminals(args.color)
    if _on_standard_output(outputs):
        out = err
    try:
        yield out, err
    except BaseException:
        out.stream.patient = False
        raise
    finally:
        with interruptible():
            for terminal in (err, out):
                terminal.stream.close()


@contextmanager
def _logs(
    args: argparse.Namespace,
    read: settings.Settings,
    terminal: Terminal,
    clock: Clock,
    stamp: Stamp,
) -> Iterator[Logs]:
    level = logging.ERROR if args.quiet else None
    wanted = log_settings(read.logging, terminal, read.secrets(), level)
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
