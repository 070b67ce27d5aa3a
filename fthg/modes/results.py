"""Load mode without sending: summarize the results files of earlier runs."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack

from .. import load
from ..clock import Clock
from ..config.settings import Settings
from ..load.from_results import Choice
from ..load.planning import with_baseline
from ..writing import Stamp, check_outputs, holding_pipes
from .planned import configuration, planned
from .surroundings import files_read, log_file, opened_logs, opened_terminals


def summarize_results(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Summarize the results files of earlier runs; return the exit status."""
    plan = planned(read, stamp._replace(run=args.run or stamp.run))
    outputs = load.output_files(plan)
    check_outputs([*outputs, log_file(read, stamp)], files_read(args, read))
    plan, clock = with_baseline(plan), Clock()
    with ExitStack() as stack:
        out, err = stack.enter_context(opened_terminals(args, outputs))
        stack.enter_context(opened_logs(args, read, err, clock, stamp))
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
                configuration=configuration(plan, read),
            ),
        )
