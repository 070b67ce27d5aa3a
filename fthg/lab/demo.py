"""The demonstration: opens a lab, sends files to it for a while, then tracks their transfers.

Run as `python -m fthg.lab.demo`; standard library only, as its child processes do the work.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Optional

from ..text import iso_seconds
from ..units import exact_duration
from .children import Child, LabChild, catch_signals
from .demo_jobs import write_jobs
from .mariadb import missing
from .samples import make_samples

_SAMPLES = 300
_LAB = (
    "--delay=2ms..20ms",
    "--processing=500ms..3s",
    "--error-rate=1%",
    "--failed=1%",
    "--timeout=0.5%",
    "--lost=0.4%",
    "--strangers=0.3%",
    "--duplicates=0.2%",
)
_TO_SEE = """\
Watch the targets: http-open starts at 10/s, rises to 80/s and
stays there; the summary has figures for each of the three stages. The arrivals of https-certificate
are random, 20/s on average only."""
_GRACE = "10s"  # well above the longest processing
_OUTPUTS = ("results.jsonl", "summary.json", "fthg.log", "report.html", "lab.log")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the demonstration; return the status of its load run, or of the part that failed."""
    options = _parser().parse_args(argv)
    catch_signals()
    try:
        with ExitStack() as cleanup:
            reason = _left_out(options)
            return _perform(options.directory, options.duration, reason, cleanup)
    except KeyboardInterrupt:
        _say("Stopped; the lab is closed and its files are removed.")
        return 130
    except OSError as error:
        print(f"demo: {error}", file=sys.stderr)  # noqa: T201
        return 3


def _left_out(options: argparse.Namespace) -> Optional[str]:
    """Return why act two is left out, if it is; OSError if it was asked for but cannot be."""
    if options.act_one:
        return "it is left out by --act-one"
    reason = missing()
    if reason and options.with_databases:
        raise OSError(reason)
    return reason and f"{reason}, as does ./dev demo --with-databases"


def _perform(directory: str, duration: str, reason: Optional[str], cleanup: ExitStack) -> int:
    """Run both acts; act two is left out if there is a reason for it."""
    _prepare(directory)
    lab = _open_lab(directory, [] if reason else ["--mysql"], cleanup)
    jobs = os.path.join(directory, "jobs.yaml")
    write_jobs(jobs, lab.directory, lab.addresses, duration=duration, grace=_GRACE)
    start = iso_seconds(time.time_ns())
    _say(f"Act one: four jobs at once, for {duration}. {_TO_SEE}")
    status, stopped = _fthg("-c", jobs)
    if reason:
        _say(f"There is no act two, fthg --track: {reason}.")
    elif stopped:
        _say("Stopped by you: act two, fthg --track, is left out.")
    elif status:
        _say(f"fthg has ended with status {status}: act two, fthg --track, is left out.")
    else:
        _track(directory, jobs, start)
    lab.close()
    _list_files(directory, lab)
    return status


def _track(directory: str, jobs: str, start: str) -> None:
    _say("Act two: the transfer of every file, from both databases.")
    results = os.path.join(directory, "results.jsonl")
    report = os.path.join(directory, "report.html")
    # With an end in the future fthg polls until the last file has arrived.
    window = ("--from", start, "--to", "now+2s")
    status, _ = _fthg("--track", "-c", jobs, *window, "--sent", results, "-o", report)
    if status == 5:
        _say(
            "\nStatus 5 means that some rows have no partner. The lab does that on purpose: "
            "it loses a few files\nand adds rows of others."
        )


def _prepare(directory: str) -> None:
    os.makedirs(directory, exist_ok=True)
    for name in _OUTPUTS:  # of an earlier demonstration, whose results must not be mixed with ours
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, name))
    total = make_samples(os.path.join(directory, "samples"), _SAMPLES)
    _say(f"Made {_SAMPLES} sample files, {total / (1 << 20):.1f} MiB, in {directory}/samples.")


def _open_lab(directory: str, extra: Sequence[str], cleanup: ExitStack) -> LabChild:
    temporary = tempfile.mkdtemp(prefix="fthg-demo-")
    cleanup.callback(shutil.rmtree, temporary, ignore_errors=True)
    _say("Opening the lab: HTTP, HTTPS and SFTP" + (", and two databases." if extra else "."))
    lab = LabChild(temporary, os.path.join(directory, "lab.log"), [*_LAB, *extra])
    cleanup.callback(lab.close)
    lab.await_open()
    return lab


def _fthg(*words: str) -> tuple[int, bool]:
    _say("  $ " + shlex.join(("fthg", *words)) + "\n")
    child = Child([sys.executable, "-m", "fthg", *words])
    status = child.wait()
    return status, child.interrupted


def _list_files(directory: str, lab: LabChild) -> None:
    _say(
        "\n" + lab.closing_message() + "\nIts servers are stopped, and its own files are removed.\n"
    )
    for name, content in (
        ("jobs.yaml", "the configuration"),
        ("results.jsonl", "a line for each transfer"),
        ("summary.json", "the figures"),
        ("fthg.log", "the log"),
        ("report.html", "the report: open it in a browser"),
        ("lab.log", "the output of the lab"),
    ):
        path = os.path.join(directory, name)
        if os.path.exists(path):
            _say(f"  {path:<24} {content}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fthg.lab.demo",
        description="Open a practice system, send files to it by four jobs at once, then track "
        "their transfers. Ctrl-C once drains, twice cuts.",
    )
    parser.add_argument(
        "--duration",
        metavar="D",
        default="30s",
        type=_duration,
        help="of act one (default: 30s)",
    )
    parser.add_argument(
        "--directory",
        metavar="DIR",
        default="demo",
        help="for the files that it leaves (default: demo)",
    )
    acts = parser.add_mutually_exclusive_group()
    acts.add_argument("--act-one", action="store_true", help="leave out act two and its databases")
    acts.add_argument(
        "--with-databases",
        action="store_true",
        help="do not begin without MariaDB (default: leave out act two if it is not installed)",
    )
    return parser


def _duration(text: str) -> str:
    try:
        exact_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text


if __name__ == "__main__":
    sys.exit(main())
