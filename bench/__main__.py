"""Compares fthg with its peers: `python -m bench`, or `./dev bench`, which installs them.

In each round every tool runs on its own core, against the same server on another; the medians are
printed and, if everything was measured, written to bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from . import (
    http_peers,
    in_flight,
    lateness,
    machine,
    many,
    merge,
    own,
    report,
    tools,
    track,
    work,
    workers,
)
from .goals import VERBOSE, check_goals
from .installed import missing
from .rounds import Rounds
from .section import Section, add_sets, sets_of
from .servers import Nginx, nginx, ssh_server
from .tools import Tool
from .work import KIB, MIB, Work

_RESULTS = Path(__file__).with_name("RESULTS.md")
_RATE = 2000  # of the open model
_MILLION = 1_000_000
_WHOLE_HTTP, _WHOLE_SFTP = 20_000, 5_000  # files, of whole runs
_ONLY = "http, sftp, open, flight, many, workers, merging, tracking, start: how a name begins"
_QUICK = ("HTTP 1 KiB", "SFTP 1 KiB", "open", "start")
_QUICK_PEERS = ("k6", "Locust FastHttpUser", "sftp -b")


class Pace(NamedTuple):
    """The time that each round takes, in seconds."""

    warm: float
    seconds: float
    late: int  # of the open model


_THOROUGH, _HASTY = Pace(0.7, 1.5, 3), Pace(0.4, 0.8, 1)


def main() -> None:
    """Measure, print and write the results."""
    options = _options()
    if (os.cpu_count() or 1) < 2:
        sys.exit("bench: client and server need a core each, and there is only one")
    # Ended early, it still stops the servers and removes a million files.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.sched_setaffinity(0, {machine.SERVER})
    busy = machine.busy()
    rounds = Rounds(options.rounds or (3 if options.quick else 5))
    with _servers() as (directory, web, works):
        chosen = [name for name in works if _wanted(name, options)]
        for name in chosen:
            _work(works[name], rounds, directory, options)
        if _wanted("open", options):
            _open(rounds, directory, options)
        errors: list[str] = []
        sections = [one.text() for one in _sections(rounds, directory, web, options, errors)]
    for name, python in options.fthg.items():
        if _wanted("start", options):
            _say(f"start: {name}")
            own.measure(rounds, name, python, options.quick)
    goals = check_goals(rounds)
    results = report.format_results(rounds, goals, missing(), busy, sections)
    sys.stdout.write(results)
    if errors:
        sys.exit("\n".join(errors))
    if not options.quick and not options.only:
        _RESULTS.write_text(report.page(results, _RESULTS.read_text()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="only the most important work, in a minute"
    )
    parser.add_argument("--rounds", type=int, help="of each tool; default 5, with --quick 3")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORK", help=_ONLY)
    add_sets(parser)
    options = parser.parse_args()
    options.pace = _HASTY if options.quick else _THOROUGH
    options.fthg = sets_of(options)
    return options


def _wanted(name: str, options: argparse.Namespace) -> bool:
    if options.quick and name not in _QUICK:
        return False
    return not options.only or any(name.lower().startswith(one) for one in options.only)


@contextmanager
def _servers() -> Iterator[tuple[Path, Nginx, Mapping[str, Work]]]:
    """Start the servers; yield a directory for clients, nginx, and every work by name."""
    with (
        tempfile.TemporaryDirectory(prefix="fthg-bench-") as here,
        tempfile.TemporaryDirectory(prefix="fthg-bench-", dir=work.MEMORY) as memory,
        tempfile.TemporaryDirectory(prefix="fthg-bench-", dir=work.DISK) as disk,
    ):
        directory = Path(here)
        directory.chmod(0o755)
        for name in ("nginx", "files"):
            (directory / name).mkdir()
        files = directory / "files"
        with (
            nginx(directory / "nginx") as web,
            ssh_server(Path(memory)) as ssh,
            ssh_server(Path(disk)) as on_disk,
        ):
            works = [
                work.http("HTTP 1 KiB", web, files, KIB),
                work.http("HTTP 64 KiB", web, files, 64 * KIB),
                work.http("HTTP 1 MiB", web, files, MIB),
                work.http("HTTPS 1 KiB", web, files, KIB, tls=True),
                work.sftp("SFTP 1 KiB", ssh, files, KIB),
                work.sftp("SFTP 1 KiB to disk", on_disk, files, KIB),
                work.sftp("SFTP 1 KiB atomic", ssh, files, KIB, atomic=True),
                work.sftp("SFTP 100 MiB", ssh, files, 100 * MIB),
            ]
            works += [work.whole_run(works[0], _WHOLE_HTTP), work.whole_run(works[4], _WHOLE_SFTP)]
            yield directory, web, {one.name: one for one in works}


def _work(one: Work, rounds: Rounds, directory: Path, options: argparse.Namespace) -> None:
    quick, pace = options.quick, options.pace
    ours = {name: tools.fthg(python) for name, python in options.fthg.items()}
    all_tools = {**ours, **{name: tool for name, tool in one.peers.items() if _here(name)}}
    for turn in range(rounds.count):
        for name, tool in all_tools.items():
            if quick and name not in (*ours, *_QUICK_PEERS):
                continue
            if turn and rounds.middle(one.name, name) is None:
                continue  # it sent nothing in the first round
            _say(f"{one.name}, round {turn + 1}: {name}")
            taken = one.round(tool, _room(directory, name), pace.warm, pace.seconds)
            rounds.add(one.name, name, taken)


def _open(rounds: Rounds, directory: Path, options: argparse.Namespace) -> None:
    files = work.make_files(directory / "files", KIB)
    all_tools: dict[str, Tool] = {}
    for name, python in options.fthg.items():
        all_tools[name] = tools.fthg(python)
        if not options.quick:
            all_tools[name + VERBOSE] = tools.verbose(tools.fthg(python))
    if _here("k6"):
        all_tools["k6"] = http_peers.k6
    for turn in range(rounds.count):
        for name, tool in all_tools.items():
            _say(f"open model, round {turn + 1}: {name}")
            room = _room(directory, name)
            late = lateness.measure(tool, files, room, _RATE, options.pace.late)
            rounds.add_late(_RATE, name, late)


def _sections(
    rounds: Rounds, directory: Path, web: Nginx, options: argparse.Namespace, errors: list[str]
) -> Iterator[Section]:
    """Measure what has tables of its own; the last ones use all cores and take minutes.

    What cannot be measured is told at the end, in `errors`: the other tables are not lost.
    """
    pace, sets = options.pace, options.fthg
    measures: Mapping[str, Callable[[], Section]] = {
        "flight": lambda: in_flight.measure(rounds, sets, directory),
        "many": lambda: many.measure(rounds, sets, web, directory, pace.late),
        "workers": lambda: workers.measure(rounds, sets, web, directory, pace.late),
        "merging": lambda: merge.measure(rounds, [_MILLION], sets),
        "tracking": lambda: track.measure(rounds, [_MILLION], sets),
    }
    for name, measure in measures.items():
        if not _wanted(name, options):
            continue
        if name == "tracking" and "MariaDB" in missing():
            continue
        _say(name)
        try:
            yield measure()
        except SystemExit as error:
            if isinstance(error.code, int):  # a signal
                raise
            errors.append(str(error.code))


def _here(peer: str) -> bool:
    return peer.split(maxsplit=1)[0] not in missing()


def _room(directory: Path, name: str) -> Path:
    room = directory / name.replace(" ", "-")
    room.mkdir(exist_ok=True)
    return room


def _say(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}\r")
    else:
        sys.stderr.write(f"bench: {text}\n")


if __name__ == "__main__":
    main()
