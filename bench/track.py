"""Speed and memory of tracking: `python -m bench.track [ROWS ...]`.

Fills two MariaDB servers with ROWS transfers (default: a million), then measures whole runs, with
and without the CSV, and prints a table; `--write` puts it into bench/RESULTS.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from . import machine, report, section
from .measure import Whole, wait
from .rounds import Rounds

_CONFIGURATION, _TOOK = "fthg.yaml", "took.json"
_UNPAIRED = 5  # the exit status: some rows have no partner
_PHASES = ("reading", "pairing", "measuring", "page", "outputs")
_FILL = """
INSERT INTO bench.transfers
SELECT {uuid}, CONCAT('order-', seq, '.xml'),
       '2026-01-01' + INTERVAL seq * 1000 + {late} MICROSECOND,
       '2026-01-01' + INTERVAL seq * 1000 + {late} + 200000 + (seq * 7919) % 1000003 MICROSECOND,
       ELT(1 + (seq % 100 = 7) + 2 * (seq % 100 = 9), 'SUCCESS', 'FAILED', 'TIMEOUT')
FROM bench.seq_1_to_{rows} WHERE seq % 1000 <> {lost}
"""


def main() -> None:
    """Measure, print the results, and write them if that is wanted."""
    parser = section.parser_of("track", str(__doc__), "rows")
    parser.add_argument("--run", nargs=2, metavar=("DIRECTORY", "CSV"), help="internal")
    options = parser.parse_args()
    if options.run:
        _track(Path(options.run[0]), bool(options.run[1]))
        return
    busy = machine.busy()
    found = measure(Rounds(1), options.rows, section.sets_of(options))
    section.publish(found, busy, write=options.write)


def measure(rounds: Rounds, sizes: Iterable[int], pythons: Mapping[str, str]) -> section.Section:
    """Measure each number of rows with each dependency set."""
    with machine.all_cores():
        lines = [line for rows in sizes for line in _measure(rounds, rows, pythons)]
    return section.Section(report.TRACKING, _HOW, _COLUMNS, lines)


_COLUMNS = ("run", "s in all", *_PHASES, "CPU s", "rows/s", "peak MB")
_HOW = (
    f"Measured by `python -m bench.track`, {date.today():%Y-%m-%d}: the whole program, from its "
    "start to its exit; the servers and fthg share the cores. A page is made while the CSV is "
    "written: `outputs` is both."
)


def _measure(rounds: Rounds, rows: int, pythons: Mapping[str, str]) -> Iterator[report.Row]:
    from tests.servers.mariadb import mariadb

    with mariadb() as ingress, mariadb() as egress, tempfile.TemporaryDirectory() as room:
        uuid = "MD5(seq)"
        for place in (9, 14, 19, 24):
            uuid = f"INSERT({uuid}, {place}, 0, '-')"
        for server, late, lost in ((ingress, 0, 3), (egress, 1_000_000, 5)):
            server.schema("bench")
            server.run(_FILL.format(uuid=uuid, late=late, lost=lost, rows=rows))
        _configure(Path(room), ingress.port, egress.port)
        for name, python in pythons.items():
            for csv in ("", "csv"):
                run, took = _run([python, "-m", "bench.track", "--run", room, csv], Path(room))
                work = f"{rows:,} a side{' with CSV' if csv else ''}"
                rounds.add_figure(f"tracking {work}", name, run.seconds)
                yield (
                    f"{work}, {name}",
                    *(f"{seconds:.1f}" for seconds in (run.seconds, *took.values(), run.cpu)),
                    f"{2 * rows / run.seconds:,.0f}",
                    f"{run.peak / 1e6:.0f}",
                )


def _configure(room: Path, ingress: int, egress: int) -> None:
    from tests.servers.mariadb import PASSWORD, USER

    def side(port: int) -> dict[str, object]:
        server = {"host": "127.0.0.1", "port": port, "database": "bench"}
        return {**server, "user": USER, "password": PASSWORD}

    track = {
        "ingress": side(ingress),
        "egress": side(egress),
        "from": "2026-01-01T00:00:00Z",
        "to": "2026-01-02T00:00:00Z",
        "output": "report.html",
        "summary": "summary.json",
    }
    (room / _CONFIGURATION).write_text(json.dumps({"track": track}))


def _run(command: list[str], room: Path) -> tuple[Whole, dict[str, float]]:
    """Run a program; return what it used, and the seconds of each phase."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with (
        (room / "output").open("wb") as output,
        subprocess.Popen(
            command, cwd=room, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        run = wait(process)
    if run.status != _UNPAIRED:
        said = (room / "output").read_text()[-2000:]
        sys.exit(f"bench: tracking ended with status {run.status}: {said}")
    took: dict[str, float] = json.loads((room / _TOOK).read_text())
    return run, took


def _track(room: Path, csv: bool) -> None:
    """Be fthg: track once, and write the seconds of each phase to a file."""
    from fthg.patch import patch

    patch()  # as fthg does, before all that is imported here
    from fthg.__main__ import main as fthg
    from fthg.track import outputs, poll, watch
    from fthg.track.ledger import Ledger

    took = dict.fromkeys(_PHASES, 0.0)
    _time(poll.Poller, "_read_both", took, "reading")
    _time(poll.Poller, "_ask", took, "reading")
    _time(poll.Poller, "_adopt", took, "pairing")
    _time(poll.Poller, "_singles", took, "pairing")
    _time(Ledger, "pair", took, "pairing")
    _time(watch.Watch, "_measure", took, "measuring")
    _time(outputs, "write_report", took, "page")
    _time(outputs.TrackOutputs, "write", took, "outputs")
    status = fthg(["--track", "-q", "-c", _CONFIGURATION, *(("--csv", "report.csv") * csv)])
    (room / _TOOK).write_text(json.dumps(took))
    sys.exit(status)


def _time(owner: Any, name: str, took: dict[str, float], phase: str) -> None:
    """Add the time that each call of a function takes."""
    act: Callable[..., Any] = getattr(owner, name)

    def timed(*arguments: Any, **named: Any) -> Any:
        started = time.monotonic()
        try:
            return act(*arguments, **named)
        finally:
            took[phase] += time.monotonic() - started

    setattr(owner, name, timed)


if __name__ == "__main__":
    main()
