"""A soak: `python -m tests.soak 62m`, or `./dev soak 62m`, which installs the servers."""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fthg import __version__
from fthg.units import duration, show_duration

from .fit import settled
from .load import RATE
from .report import Findings, as_markdown, as_text
from .stage import staged
from .verdicts import rows, sums
from .watch import Seen, Watch


def main() -> None:
    """Run and report; exit with status 1 if a check fails."""
    options = _options()
    room = Path(options.directory or time.strftime("soak-%Y%m%d-%H%M%S"))
    room.mkdir()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stderr.write(f"soak: samples, files of fthg and the findings are in {room}/\n")
    with staged(options.seed) as stage:
        watch = Watch(stage, room, options.duration, options.interval, options.seed)
        seen = watch.run()
    findings = summarize(seen, watch.seconds, options.late)
    sys.stdout.write(as_text(findings))
    markdown = as_markdown(findings)
    (room / "findings.md").write_text(markdown)
    if options.output:
        options.output.write_text(markdown)
    sys.exit(0 if findings.well else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument(
        "duration", nargs="?", type=duration, default="1h", help="how long; default 1h"
    )
    parser.add_argument("-d", "--directory", help="a new one for its files; default soak-DATE-TIME")
    parser.add_argument("-o", "--output", type=Path, help="also write the findings as Markdown")
    parser.add_argument("--seed", type=int, default=1, help="of samples and of the turn of faults")
    parser.add_argument(
        "--interval", type=duration, default="10s", help="time between samples; default 10s"
    )
    parser.add_argument(
        "--late", type=duration, default="250ms", help="most p99 of lateness; default 250ms"
    )
    return parser.parse_args()


def summarize(seen: Seen, seconds: float, late: float) -> Findings:
    """Return the findings of a soak of some seconds."""
    return Findings(
        title=(
            f"fthg {__version__}, {RATE}/s for {show_duration(round(seconds))}: "
            f"CPython {platform.python_version()}, gevent {version('gevent')}, "
            f"paramiko {version('paramiko')}"
        ),
        since=show_duration(round(settled(seconds))),
        rows=list(rows(seen.samples, seconds)),
        sums=list(sums(seen, late)),
        faults=dict(sorted(seen.faults.items())),
        errors=dict(seen.tally.errors.most_common()),
        written=seen.written,
        examples=[*map(_example, seen.tally.unexplained[:5]), *seen.last_words],
    )


def _example(result: Mapping[str, Any]) -> str:
    due = time.strftime("%H:%M:%S", time.localtime(result["due"]))
    outcome = " ".join(filter(None, (result["outcome"], result["error"])))
    return f"{due} {result['job']} {result['seq']} {outcome}: {result['detail']}"


if __name__ == "__main__":
    main()
