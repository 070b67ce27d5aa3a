"""Load mode: send files, or check the configuration and say what would be sent."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial

from .. import load
from ..clock import Clock
from ..config.files import config_files
from ..config.settings import Settings
from ..errors import StartError
from ..load.cautions import caution
from ..load.check import describe_plan
from ..load.machines import on_this_machine, stamp_of
from ..load.plan import Plan
from ..load.planning import anchored, with_baseline
from ..load.unusable import sender_errors
from ..log import Masks
from ..signals import load_signals
from ..standard import print_out
from ..text import escape
from ..threads import in_thread
from ..writing import OutputFile, Stamp, check_outputs, holding_pipes
from ..writing.terminal import Terminal
from .planned import configuration, planned
from .surroundings import files_read, log_file, on_standard_output, opened_logs, opened_terminals


def send_files(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Send files, or only check and describe it for `--check`; return the exit status."""
    stamp = stamp_of(args, stamp)
    plan = on_this_machine(planned(read, stamp), args)
    outputs = load.output_files(plan)
    checking = partial(check_outputs, [*outputs, log_file(read, stamp)], files_read(args, read))
    in_thread(checking)  # so that a signal ends the waiting for a directory that hangs
    plan = in_thread(partial(with_baseline, plan))
    clock = Clock()
    with ExitStack() as last, opened_terminals(args, outputs) as (out, err):
        if args.check:
            with opened_logs(args, read, err, clock, stamp):
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
            configuration=configuration(plan, read),
        )
        with holding_pipes(outputs):
            status = load.run(
                plan,
                around,
                open_logs=lambda: opened_logs(args, read, err, clock, stamp),
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


def _shows_progress(
    args: argparse.Namespace, read: Settings, err: Terminal, outputs: Sequence[OutputFile]
) -> bool:
    """Return whether progress is wanted: no status lines stand between log lines in JSON."""
    if args.quiet or (on_standard_output(outputs) and sys.stdout.isatty()):
        return False
    return err.redraws or read.logging["format"] != "json"
