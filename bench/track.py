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
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from gevent import monkey

from . import machine, report, section

_START = 1_767_225_600_000_000
_DAY = 86_400_000_000
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
    parser.add_argument("--run", nargs=3, metavar=("INGRESS", "EGRESS", "CSV"), help="internal")
    options = parser.parse_args()
    monkey.patch_all()
    if options.run:
        sys.stdout.write(json.dumps(_track(*options.run)))
        return
    busy = machine.busy()
    sets = section.sets_of(options)
    lines = [line for rows in options.rows for line in _measure(rows, sets)]
    section.publish(report.TRACKING, _HOW, busy, _COLUMNS, lines, write=options.write)


_COLUMNS = ("run", "s in all", *_PHASES, "rows/s", "peak MB")
_HOW = (
    f"Written by `python -m bench.track --write`, {date.today():%Y-%m-%d}; the servers and "
    "fthg share the cores. A page is made while the CSV is written: `outputs` is both."
)


def _measure(rows: int, pythons: dict[str, str]) -> Iterator[report.Row]:
    from tests.servers.mariadb import mariadb

    with mariadb() as ingress, mariadb() as egress:
        uuid = "MD5(seq)"
        for place in (9, 14, 19, 24):
            uuid = f"INSERT({uuid}, {place}, 0, '-')"
        for server, late, lost in ((ingress, 0, 3), (egress, 1_000_000, 5)):
            server.schema("bench")
            server.run(_FILL.format(uuid=uuid, late=late, lost=lost, rows=rows))
        for name, python in pythons.items():
            for csv in ("", "csv"):
                command = [python, "-m", "bench.track", "--run"]
                command += [str(ingress.port), str(egress.port), csv]
                found, peak = _run(command)
                yield (
                    f"{rows:,} a side{' with CSV' if csv else ''}, {name}",
                    *(f"{found[key]:.1f}" for key in ("all", *_PHASES)),
                    f"{2 * rows / found['all']:,.0f}",
                    f"{peak / 1e6:.0f}",
                )


def _run(command: list[str]) -> tuple[dict[str, float], int]:
    """Run a program; return what it prints, and the peak of the memory of all its processes."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, machine.memory(process.pid))
            time.sleep(0.1)
        assert process.stdout is not None
        found: dict[str, float] = json.loads(process.stdout.read())
        return found, peak


def _track(ingress: str, egress: str, csv: str) -> dict[str, float]:
    """Track once, in this process; return the seconds of each phase."""
    from fthg import track
    from fthg.clock import Clock
    from fthg.track import outputs, poll, watch
    from fthg.track.ledger import Ledger
    from fthg.track.side import Side
    from fthg.writing.terminal import standard_terminals
    from tests.servers.mariadb import PASSWORD, USER

    took = dict.fromkeys(_PHASES, 0.0)
    _time(poll.Poller, "_read_both", took, "reading")
    _time(poll.Poller, "_ask", took, "reading")
    _time(poll.Poller, "_adopt", took, "pairing")
    _time(poll.Poller, "_singles", took, "pairing")
    _time(Ledger, "pair", took, "pairing")
    _time(watch, "measure", took, "measuring")
    _time(outputs, "write_report", took, "page")
    _time(outputs.TrackOutputs, "write", took, "outputs")
    with tempfile.TemporaryDirectory() as directory:
        plan = track.TrackPlan(
            Side("ingress", "127.0.0.1", USER, "bench", int(ingress), password=PASSWORD),
            Side("egress", "127.0.0.1", USER, "bench", int(egress), password=PASSWORD),
            _START,
            _START + _DAY,
            output=os.path.join(directory, "report.html"),
            csv=os.path.join(directory, "report.csv") if csv else None,
            summary=os.path.join(directory, "summary.json"),
        )
        started = time.monotonic()
        track.run(plan, Clock(), standard_terminals("never")[1], None, quiet=True)
        took["all"] = time.monotonic() - started
    return took


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
