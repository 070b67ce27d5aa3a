"""Runs each mode of the program on its settings: files checked, terminals and logs opened."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from gevent.event import Event

from . import load, track
from .clock import Clock
from .config.files import config_files
from .config.logging_options import log_settings
from .config.secrets import files_exposing_secrets
from .config.settings import Settings
from .config.show import show
from .errors import StartError
from .load.cautions import caution
from .load.check import describe_plan
from .load.from_results import Choice
from .load.inputs import input_files
from .load.machines import on_this_machine, stamp_of
from .load.plan import Plan
from .load.planning import anchored, make_plan, with_baseline
from .load.unusable import sender_errors
from .log import Log, Logs, Masks, quiet_hub
from .log import start as start_logs
from .signals import interruptible, load_signals, track_signals
from .standard import print_out
from .text import escape
from .threads import in_thread
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


def send_files(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Send files, or only check and describe it for `--check`; return the exit status."""
    stamp = stamp_of(args, stamp)
    plan = on_this_machine(_load_plan(read, stamp), args)
    outputs = load.output_files(plan)
    checking = partial(check_outputs, [*outputs, _log_file(read, stamp)], _inputs(args, read))
    in_thread(checking)  # so that a signal ends the waiting for a directory that hangs
    plan = in_thread(partial(with_baseline, plan))
    clock = Clock()
    with ExitStack() as last, _terminals(args, outputs) as (out, err):
        if args.check:
            with _logs(args, read, err, clock, stamp):
                caution(plan, clock.utc())
                lines = _described(plan, clock)
            mask = Masks(plan.secrets)
            print_out("".join(f"{escape(mask(line))}\n" for line in lines))
            return 0
        around = load.Surroundings(
            clock,
            terminal=err,
            progress=_shows_progress(args, read, err, outputs),
            summary=None if args.quiet > 1 else out,
            every_job=bool(args.verbose),
            config_files=config_files(args),
            configuration=_configuration(plan, read),
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


def _described(plan: Plan, clock: Clock) -> Sequence[str]:
    """Return the lines of `--check`; StartError with all that is unusable."""
    errors, lines = list(sender_errors(plan, clock)), list[str]()
    try:
        lines = list(describe_plan(anchored(plan, clock.utc())))
    except StartError as error:
        errors += error.errors
    if errors:
        raise StartError(*errors)
    return lines


def summarize_results(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Summarize the results files of earlier runs; return the exit status."""
    plan = _load_plan(read, stamp._replace(run=args.run or stamp.run))
    outputs = load.output_files(plan)
    check_outputs([*outputs, _log_file(read, stamp)], _inputs(args, read))
    plan, clock = with_baseline(plan), Clock()
    with ExitStack() as stack:
        out, err = stack.enter_context(_terminals(args, outputs))
        stack.enter_context(_logs(args, read, err, clock, stamp))
        stack.enter_context(holding_pipes(outputs))
        return load.from_results(
            args.from_results,
            sys.stdin.buffer,
            plan,
            Choice(args.run, args.job),
            load.Surroundings(
                clock,
                err,
                summary=None if args.quiet > 1 else out,
                every_job=bool(args.verbose),
                configuration=_configuration(plan, read),
            ),
        )


def _load_plan(read: Settings, stamp: Stamp) -> Plan:
    """Return the plan; a secret may be in a URL, too, because both can be cells of one table."""
    plan, secrets = make_plan(read.run, read.jobs, stamp), read.secrets()
    mask = Masks(secrets)
    jobs = tuple(replace(job, url=mask(job.url)) for job in plan.jobs)
    return replace(plan, jobs=jobs, secrets=secrets)


def _configuration(plan: Plan, read: Settings) -> str:
    """Return the effective configuration for the report, if there will be one with jobs."""
    if not (plan.jobs and plan.outputs.get("report")):
        return ""
    return "\n".join(show(read.tree, read.schema, Masks(read.secrets())))


def _log_file(read: Settings, stamp: Stamp) -> OutputFile:
    file = read.logging.get("file")
    path = stamp.fill(file["path"]) if file else None
    return OutputFile("logging.file", path, appended=True)


def _shows_progress(
    args: argparse.Namespace, read: Settings, err: Terminal, outputs: Sequence[OutputFile]
) -> bool:
    """Return whether progress is wanted: no status lines stand between log lines in JSON."""
    if args.quiet or (_on_standard_output(outputs) and sys.stdout.isatty()):
        return False
    return err.redraws or read.logging["format"] != "json"


def _on_standard_output(outputs: Sequence[OutputFile]) -> bool:
    return any(output.path and is_standard_output(output.path) for output in outputs)


def _inputs(args: argparse.Namespace, read: Settings) -> Sequence[InputFile]:
    """Return the files that are read, which no output may overwrite."""
    return [
        *(InputFile("the configuration", path) for path in config_files(args)),
        *(InputFile("a table of jobs", path) for path in read.tables),
        *(InputFile("results", path) for path in args.from_results),
        *(InputFile("run.baseline", path) for path in [read.run.get("baseline")] if path),
        *(
            InputFile(f"jobs.{name}.{key}", path)
            for name, job in read.jobs.items()
            for key, path in input_files(job)
        ),
    ]


def follow_files(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Pair both sides of a system and report, or only check; return the exit status."""
    outputs = ("output", "csv", "summary", "junit", "ledger")
    filled = {name: stamp.fill(read.track[name]) for name in outputs if name in read.track}
    plan = track.track_plan({**read.track, **filled}, datetime.now().astimezone())
    in_thread(partial(track.check_files, plan, [_log_file(read, stamp)], _inputs(args, read)))
    if args.check:
        print_out("".join(f"{escape(line)}\n" for line in track.describe_plan(plan)))
        return 0
    clock, stop = Clock(), Event()
    with ExitStack() as last, _terminals(args, track.output_files(plan)) as (out, err):
        out.stream.start()
        with ExitStack() as stack:  # the signals outlive the logs
            follow = stack.enter_context(track_signals(out, last))
            logs = stack.enter_context(_logs(args, read, err, clock, stamp))
            stack.enter_context(holding_pipes(track.output_files(plan)))
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
    read: Settings,
    terminal: Terminal,
    clock: Clock,
    stamp: Stamp,
) -> Iterator[Logs]:
    level = logging.ERROR if args.quiet else None
    wanted = log_settings(read.logging, terminal, read.secrets(), level)
    path = _log_file(read, stamp).path
    if wanted.file and path:
        wanted = replace(wanted, file=replace(wanted.file, path=path))
    logs = start_logs(replace(wanted, run=stamp.run), clock)
    quiet_hub(_log)
    for path in files_exposing_secrets(read.tree, read.schema):
        _log.warning("everyone can read this file, and a secret is in it: chmod o-r", file=path)
    if wanted.syslog and wanted.syslog.address.is_missing:
        _log.warning(
            "there is no such socket, so syslog gets nothing: start its server, or name another "
            "address",
            address=str(wanted.syslog.address),
        )
    try:
        yield logs
    finally:
        logs.close()
