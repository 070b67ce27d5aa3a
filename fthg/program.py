"""The program after the patch: read the settings, run the selected mode, report errors."""

from __future__ import annotations

import argparse
import json
import logging
import os
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime

import gevent

from . import load
from .cli import NO_CONFIGURATION, build_parser
from .cli.completion import completion
from .cli.samples import sample
from .config import settings
from .config.argv import hide_secrets
from .config.files import config_files
from .config.json_schema import json_schema
from .config.sections import Sections, jobs_of
from .config.show import show
from .config.tree import Section
from .errors import ConfigError, FthgError, StartError
from .load.options import RUN_KEYS, job_keys
from .load.outputs import OUTPUT_KEYS
from .load.planning import job_errors
from .load.spread import spread
from .log import Masks
from .protocols import PROTOCOLS
from .standard import print_error, print_out
from .text import escape
from .track.options import TRACK_KEYS
from .writing import Stamp

SECTIONS = Sections(RUN_KEYS, OUTPUT_KEYS, job_keys, job_errors, TRACK_KEYS, spread)
"""The schemas of the sections that the modes allow in a configuration."""


_MOST_STARTS = 20
"""Most lines of an error of the start: there may be one for each row of a table."""

_HERE = "fthg: there is no configuration; did you mean: fthg -c jobs.yaml\n"


def program(args: argparse.Namespace) -> int:
    """Run the mode that the arguments select; return the exit status. Every error ends here."""
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
    """Return an error as it is printed; several errors are counted."""
    errors = error.errors if isinstance(error, (ConfigError, StartError)) else [str(error)]
    lines = [escape(mask(line)) for line in errors]
    if isinstance(error, StartError) and len(lines) > _MOST_STARTS:
        lines[_MOST_STARTS:] = [f"and {len(lines) - _MOST_STARTS} more"]
    if len(errors) > 1:
        where = error.where if isinstance(error, ConfigError) else ""
        place = f" {escape(mask(where))}" if where else ""
        lines.insert(0, f"{len(errors)} errors{place}{_consequence(args)}:")
    return "fthg: " + "\n  ".join(lines) + "\n"


def _consequence(args: argparse.Namespace) -> str:
    if args.show_config or args.from_results:
        return ""
    return "; no report was written" if args.track else "; nothing was sent"


def _run(args: argparse.Namespace, secrets: set[str]) -> int:
    if text := _printed_for_tools(args):
        print_out(text)
        return 0
    read = settings.read(args, SECTIONS)
    secrets.update(read.secrets())
    if args.show_config:
        print_out("\n".join(show(read.tree, read.schema, Masks(secrets))) + "\n")
        return 0
    stamp = Stamp.at(datetime.now())
    # Each mode imports what only it needs: a start takes long enough.
    if args.from_results:
        from .modes.results import summarize_results

        return summarize_results(args, read, stamp)
    if args.track:
        from .modes.track import follow_files

        return follow_files(args, read, stamp)
    if not read.jobs:
        print_error(_nothing_to_do(config_files(args), read.tree))
        return ConfigError.status
    from .modes.load import send_files

    return send_files(args, read, stamp)


def _nothing_to_do(files: Sequence[str], tree: Section) -> str:
    if not files:  # the hint would overwrite a file of that name
        return _HERE if os.path.exists("jobs.yaml") else NO_CONFIGURATION
    named, jobs = escape(", ".join(files)), list(jobs_of(tree))
    if not tree:
        return f"fthg: {named} is empty; fthg --sample-config prints an annotated configuration\n"
    if not jobs:
        return f"fthg: {named} has no jobs; man fthg.yaml shows how to write one\n"
    return (
        f"fthg: no job is enabled in {named}; its jobs are {', '.join(jobs)}\n"
        f"  write `enabled: true` there, or add --set jobs.{jobs[0]}.enabled=true\n"
    )


def _printed_for_tools(args: argparse.Namespace) -> str:
    """Return what is asked for without a configuration: a sample, the schema, a completion."""
    if args.sample_config:
        return sample(args.sample_config)
    if args.config_schema:
        return json.dumps(json_schema(SECTIONS, PROTOCOLS), indent=2, ensure_ascii=False) + "\n"
    return completion(args.completion, build_parser()) if args.completion else ""
