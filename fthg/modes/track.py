"""Tracking mode: pair both sides of a system and report, or only check."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from datetime import datetime
from functools import partial

from gevent.event import Event

from ..clock import Clock
from ..config.settings import Settings
from ..signals import track_signals
from ..standard import print_out
from ..text import escape
from ..threads import in_thread
from ..track.check import describe_plan
from ..track.plan import track_plan
from ..track.run import check_files, output_files, run
from ..writing import Stamp, holding_pipes
from .surroundings import files_read, log_file, opened_logs, opened_terminals


def follow_files(args: argparse.Namespace, read: Settings, stamp: Stamp) -> int:
    """Pair both sides of a system and report, or only check; return the exit status."""
    outputs = ("output", "csv", "summary", "junit", "ledger")
    filled = {name: stamp.fill(read.track[name]) for name in outputs if name in read.track}
    plan = track_plan({**read.track, **filled}, datetime.now().astimezone())
    in_thread(partial(check_files, plan, [log_file(read, stamp)], files_read(args, read)))
    if args.check:
        print_out("".join(f"{escape(line)}\n" for line in describe_plan(plan)))
        return 0
    clock, stop = Clock(), Event()
    with ExitStack() as last, opened_terminals(args, output_files(plan)) as (out, err):
        out.stream.start()
        with ExitStack() as stack:  # the signals outlive the logs
            follow = stack.enter_context(track_signals(out, last))
            logs = stack.enter_context(opened_logs(args, read, err, clock, stamp))
            stack.enter_context(holding_pipes(output_files(plan)))
            stack.enter_context(follow(stop, logs))
            return run(
                plan,
                clock,
                err,
                None if args.quiet > 1 else out,
                stop=stop,
                quiet=bool(args.quiet),
                status_interval=read.run["status_interval"],
            )
