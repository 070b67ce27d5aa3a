"""The fault bench: `python -m tests.faults`, or `./dev faults`, which installs the servers."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import platform  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Sequence  # noqa: E402
from datetime import date  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
import paramiko  # noqa: E402

from fthg import __version__  # noqa: E402

from .case import Case  # noqa: E402
from .cases import CASES  # noqa: E402
from .run import Row, run_all  # noqa: E402
from .table import line, short_table, table  # noqa: E402
from .world import World  # noqa: E402


def main() -> None:
    """Run the chosen cases; exit with status 1 if a row is broken."""
    options = _options()
    gevent.signal_handler(
        signal.SIGTERM, sys.exit, 143
    )  # raised in the main greenlet, so that everything is cleaned up
    cases = _chosen(options)
    if options.list:
        sys.stdout.write("".join(f"{case}\n" for case in cases))
        return
    World.tree = options.tree
    started = time.monotonic()
    rows = run_all(cases, options.at_once, lambda row: _report(row, cases, started))
    head = _head(time.monotonic() - started)
    sys.stdout.write(f"{head}\n\n{table(rows)}")
    if options.output:
        options.output.write_text(f"{head}\n\n{short_table(rows)}")
    sys.exit(any(row.broken for row in rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__)
    parser.add_argument("--fast", action="store_true", help="only the cases of the test suite")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WORDS",
        help="only cases whose title (see --list) contains these words; repeatable",
    )
    parser.add_argument("--list", action="store_true", help="print the cases, run none")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="cases; default 4")
    parser.add_argument(
        "--tree", type=Path, metavar="DIR", default=World.tree, help="run fthg of that working tree"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write a shorter table there, as Markdown"
    )
    return parser.parse_args()


def _chosen(options: argparse.Namespace) -> Sequence[Case]:
    cases = [case for case in CASES if case.fast or not options.fast]
    if options.only:
        cases = [case for case in cases if any(words in str(case) for words in options.only)]
    return cases


def _head(seconds: float) -> str:
    return (
        f"fthg {__version__}, {date.today():%Y-%m-%d}: Python {platform.python_version()}, "
        f"gevent {gevent.__version__}, paramiko {paramiko.__version__}; {seconds:.0f} s."
    )


def _report(row: Row, cases: Sequence[Case], started: float) -> None:
    number = cases.index(row.case) + 1
    sys.stderr.write(f"{time.monotonic() - started:4.0f} s  {number:3}/{len(cases)}  {line(row)}\n")


if __name__ == "__main__":
    main()
