"""What all modes have around them: terminals, logs, and the files that are read."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..clock import Clock
from ..config.files import config_files
from ..config.logging_options import log_settings
from ..config.secrets import files_exposing_secrets
from ..config.settings import Settings
from ..load.inputs import input_files
from ..log import Log, Logs, quiet_hub
from ..log import start as start_logs
from ..signals import interruptible
from ..writing import InputFile, OutputFile, Stamp, is_standard_output
from ..writing.terminal import Terminal, standard_terminals

_log = Log(__name__)


def log_file(read: Settings, stamp: Stamp) -> OutputFile:
    """Return the log file, whether or not there is one."""
    file = read.logging.get("file")
    path = stamp.fill(file["path"]) if file else None
    return OutputFile("logging.file", path, appended=True)


def on_standard_output(outputs: Sequence[OutputFile]) -> bool:
    """Return whether an output is written there."""
    return any(output.path and is_standard_output(output.path) for output in outputs)


def files_read(args: argparse.Namespace, read: Settings) -> Sequence[InputFile]:
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


@contextmanager
def opened_terminals(
    args: argparse.Namespace, outputs: Sequence[OutputFile]
) -> Iterator[tuple[Terminal, Terminal]]:
    """Open the terminals of the summary and of all else; at the end, wait for their readers.

    All files are written then, and what a terminal cannot show changes nothing.
    """
    out, err = standard_terminals(args.color)
    if on_standard_output(outputs):
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
def opened_logs(
    args: argparse.Namespace,
    read: Settings,
    terminal: Terminal,
    clock: Clock,
    stamp: Stamp,
) -> Iterator[Logs]:
    """Write the logs within the block; warn of secrets that everyone can read."""
    level = logging.ERROR if args.quiet else None
    wanted = log_settings(read.logging, terminal, read.secrets(), level)
    path = log_file(read, stamp).path
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
