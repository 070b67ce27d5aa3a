"""Id, slice and start moment of a run on many machines, given on the command line."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from time import time_ns
from typing import Optional

from ..errors import ConfigError
from ..slices import WHOLE, Slice
from ..writing import Stamp, is_standard_output, is_stream
from .dividing import for_slice
from .pacing.day import DayProfile
from .plan import Plan
from .start_moment import start_moment, why_it_differs

_RUN = re.compile(r"[A-Za-z0-9_:+@][A-Za-z0-9._:+@-]{0,199}")
"""An id that is the same text in paths, labels and log lines."""


def stamp_of(args: Namespace, stamp: Stamp) -> Stamp:
    """Return the stamp of the run with the id and the slice that were given; see ConfigError."""
    if args.run is not None and not _RUN.fullmatch(args.run):
        raise ConfigError(
            f"--run: {args.run!r} is not an id: up to 200 letters, digits and . _ : + @ -, "
            "the first one no . or -"
        )
    whose = _slice_of(args) or WHOLE
    return stamp._replace(run=args.run or stamp.run, slice=whose.in_paths)


def on_this_machine(plan: Plan, args: Namespace) -> Plan:
    """Return this machine's part of a plan, with its start moment; raises ConfigError."""
    slice_ = _slice_of(args)
    if slice_ is not None:
        if slice_.of > 1:
            _refuse_local_days(plan)
        plan = for_slice(plan, slice_)
    start = None if args.start_at is None else _start_of(args.start_at)
    plan = replace(plan, start_at=start, join=args.join)
    return replace(plan, cautions=tuple(_cautions(plan, args)))


def _slice_of(args: Namespace) -> Optional[Slice]:
    if args.slice is None:
        return None
    try:
        return Slice.parse(args.slice)
    except ValueError as error:
        raise ConfigError(f"--slice: {error}") from None


def _start_of(text: str) -> int:
    try:
        return start_moment(text, datetime.now().astimezone())
    except ValueError as error:
        raise ConfigError(f"--start-at: {error}") from None


def _refuse_local_days(plan: Plan) -> None:
    for job in plan.jobs:
        profile = job.pacer.even
        if isinstance(profile, DayProfile) and profile.is_local:
            raise ConfigError(
                f"jobs.{job.name}.rate: a slice needs the name of the zone, as in zone: "
                "Europe/Berlin; that of the host may be another one on each machine"
            )


def _cautions(plan: Plan, args: Namespace) -> Iterator[str]:
    """Yield warnings for a slice: the machines may not make one consistent run."""
    if args.check and plan.start_at is not None and plan.start_at < time_ns():
        yield "--start-at: that moment is over"
    if plan.slice is None:
        return
    if not plan.jobs:
        yield "nothing will be sent: no job has a part for this slice"
    if plan.slice.of == 1:
        return
    if args.start_at is None:
        yield "without --start-at each slice starts when it is ready, not with the others"
    elif why := why_it_differs(args.start_at):
        yield f"--start-at: {why}"
    for key, path in plan.outputs.items():
        if _is_file(key, path) and plan.slice.in_paths not in path:
            yield (
                f"run.{key}: slices that share the directory of {path} write to one file; "
                "{slice} in its name keeps them apart"
            )


def _is_file(key: str, path: str) -> bool:
    return key != "metrics" and not (is_standard_output(path) or is_stream(path))
