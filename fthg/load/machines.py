"""What comes from outside for one run on many machines: its id, a slice and a start moment."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from datetime import datetime

from ..errors import ConfigError
from ..slices import WHOLE, Slice
from ..writing import Stamp
from .dividing import for_slice
from .plan import Plan
from .start_moment import start_moment


def stamp_of(args: Namespace, stamp: Stamp) -> Stamp:
    """Return the stamp of the run with the id and the slice that were given."""
    return stamp._replace(run=args.run or stamp.run, slice=slice_of(args).in_paths)


def slice_of(args: Namespace) -> Slice:
    """Return the slice that was given, else the whole run; raises ConfigError."""
    if args.slice is None:
        return WHOLE
    try:
        return Slice.parse(args.slice)
    except ValueError as error:
        raise ConfigError(f"--slice: {error}") from None


def on_this_machine(plan: Plan, args: Namespace) -> Plan:
    """Return what this machine sends of a run, and when it starts; raises ConfigError."""
    mine = plan if args.slice is None else for_slice(plan, slice_of(args))
    if args.start_at is None:
        return mine
    try:
        start = start_moment(args.start_at, datetime.now().astimezone())
    except ValueError as error:
        raise ConfigError(f"--start-at: {error}") from None
    return replace(mine, start_at=start, join=args.join)
