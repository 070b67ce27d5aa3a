"""What happens after the patch: read the settings, run the room that is asked for, end well."""

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
from pathlib import Path
from typing import Any, Optional

from gevent.event import Event
from rich.console import Console

from . import load, track
from .clock import Clock
from .config import settings
from .config.argv import hide_secrets
from .config.logging_options import log_settings
from .config.secrets import exposed
from .config.sections import Sections
from .config.show import show
from .errors import ConfigError, FthgError
from .load.check import tell_plan
from .load.from_results import Choice
from .load.options import RUN_KEYS, job_keys
from .load.planning import caution, make_plan, make_senders
from .load.planning import faults as job_errors
from .log import Log, Logs, Masks, quiet_hub
from .log import start as start_logs
from .log.formats import escape
from .signals import load_signals, track_signals
from .writing import InputFile, OutputFile, Stamp, check_outputs, is_standard_output

_log = Log(__name__)

SECTIONS = Sections(RUN_KEYS, job_keys, job_errors, track.TRACK_KEYS)
"""What the modes let stand in a configuration."""


def program(args: argparse.Namespace) -> int:
    """Do what the arguments ask for and return the exit status; every error ends here."""
    secrets: set[str] = set()  # as far as they are known
    try:
        hide_secrets(args)
        logging.lastResort = None  # what is told before outputs are open would come out raw
        return _program(args, secrets)
    except FthgError as error:
        sys.stderr.write(_told(error, Masks(secrets)))
        return error.status
    except BrokenPipeError:
        return 0  # whoever read the output has seen enough
    except KeyboardInterrupt:
        return load.CUT
    except Exception:  # noqa: BLE001 - the last place there is
        sys.stderr.write("fthg: an unexpected error; please report it with these lines:\n")
        told = traceback.format_exc()
        shown = Masks(secrets | settings.secrets_of(args))(told)
        sys.stderr.writelines(f"{escape(line)}\n" for line in shown.splitlines())
        return FthgError.status


def _told(error: FthgError, mask: Callable[[str], str]) -> str:
    """An error as it is printed: who speaks comes first, and several faults are counted."""
    if str(error).startswith("fthg: "):
        return f"{error}\n"
    faults = error.faults if isinstance(error, ConfigError) else [str(error)]
    lines = [escape(mask(fault)) for fault in faults]
    if len(lines) > 1:
        lines.insert(0, f"{len(lines)} faults, and nothing was done:")
    return "fthg: " + "\n  ".join(lines) + "\n"


def _program(args: argparse.Namespace, secrets: set[str]) -> int:
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
    if not args.track and not read.jobs:
        found = settings.config_files(args)
        why = f"no job is enabled in {', '.join(found)}" if found else "there is no configuration"
        raise ConfigError(settings.HINT.format(why=why))
    return _track(args, read, stamp) if args.track else _load(args, read, stamp)


def sample_config() -> str:
    """The annotated sample, as it is installed."""
    here = Path(__file__).parent
    installed, in_tree = here / "jobs.yaml", here.parent / "etc" / "jobs.yaml"
    return (installed if installed.exists() else in_tree).read_text(encoding="utf-8")


def _load(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    plan = replace(make_plan(read.run, read.jobs, stamp), secrets=read.secrets())
    outputs = _outputs(plan.results, plan.summary)
    check_outputs([*outputs, _log_file(read, stamp)], _inputs(args, read))
    clock = Clock()
    err = _console(sys.stderr, args)
    if args.check:
        with _logs(args, read, err, clock, stamp):
            caution(plan)
            make_senders(plan, clock)
            sys.stdout.writelines(f"{escape(line)}\n" for line in tell_plan(plan))
        return 0
    out = err if _on_standard_output(outputs) else _console(sys.stdout, args)
    return load.run(
        plan,
        clock,
        open_logs=lambda: _logs(args, read, err, clock, stamp),
        signals=lambda under_way: load_signals(under_way, err),
        terminal=err,
        progress=not args.quiet and not (out is err and sys.stdout.isatty()),
        summary=None if args.quiet > 1 else out,
    )


def _from_results(args: argparse.Namespace, read: settings.Settings, stamp: Stamp) -> int:
    plan = make_plan(read.run, read.jobs, stamp._replace(run=args.run or stamp.run))
    outputs = _outputs(None, plan.summary)
    check_outputs([*outputs, _log_file(read, stamp)], _inputs(args, read))
    out = sys.stderr if _on_standard_output(outputs) else sys.stdout
    with _logs(args, read, _console(sys.stderr, args), Clock(), stamp):
        return load.tell_again(
            args.from_results,
            sys.stdin.buffer,
            plan,
            Choice(args.run, args.job),
            None if args.quiet > 1 else _console(out, args),
        )


def _outputs(results: Optional[str], summary: Optional[str]) -> Sequence[OutputFile]:
    """Return what load mode writes beside the log."""
    return OutputFile("run.results", results, appended=True), OutputFile("run.summary", summary)


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
        *(InputFile("the configuration", path) for path in settings.config_files(args)),
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
    """A console on a stream; `--color always` colours a pipe, too, without redrawing on it."""
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
    for path in sorted(set(exposed(read.tree))):
        _log.warning("everyone can read this file, and a secret is in it: chmod o-r", file=path)
    try:
        yield logs
    finally:
        logs.close()
