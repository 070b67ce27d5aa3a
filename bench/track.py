"""Speed and memory of tracking: `python -m bench.track [ROWS] [--csv] [--no-page]`.

Fills two MariaDB servers with ROWS transfers (default: a million), then measures one run from its
start to the finished report, in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

from gevent import monkey

_FILL = """
INSERT INTO bench.transfers
SELECT {uuid}, CONCAT('order-', seq, '.xml'),
       '2026-01-01' + INTERVAL seq * 1000 + {late} MICROSECOND,
       '2026-01-01' + INTERVAL seq * 1000 + {late} + 200000 + (seq * 7919) % 1000003 MICROSECOND,
       ELT(1 + (seq % 100 = 7) + 2 * (seq % 100 = 9), 'SUCCESS', 'FAILED', 'TIMEOUT')
FROM bench.seq_1_to_{rows} WHERE seq % 1000 <> {lost}
"""


def main() -> None:
    """Measure, and print the results."""
    parser = argparse.ArgumentParser(prog="bench.track", description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--csv", action="store_true", help="write the CSV as well")
    parser.add_argument("--no-page", action="store_true", help="write no HTML page")
    parser.add_argument("--ports", nargs=2, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    monkey.patch_all()
    if options.ports:
        _track(options)
    else:
        _serve(options)


def _serve(options: argparse.Namespace) -> None:
    from tests.servers.mariadb import mariadb

    with mariadb() as ingress, mariadb() as egress:
        uuid = "MD5(seq)"
        for place in (9, 14, 19, 24):
            uuid = f"INSERT({uuid}, {place}, 0, '-')"
        for server, late, lost in ((ingress, 0, 3), (egress, 1_000_000, 5)):
            server.schema("bench")
            server.run(_FILL.format(uuid=uuid, late=late, lost=lost, rows=options.rows))
        command = [sys.executable, "-m", "bench.track", str(options.rows)]
        command += [flag for flag in ("--csv", "--no-page") if flag in sys.argv]
        subprocess.run([*command, "--ports", str(ingress.port), str(egress.port)], check=True)


def _track(options: argparse.Namespace) -> None:
    from rich.console import Console

    from fthg.clock import Clock
    from fthg.track import TrackPlan, run
    from fthg.track.side import Side
    from tests.servers.mariadb import PASSWORD, USER

    start = 1_767_225_600_000_000
    with tempfile.TemporaryDirectory() as directory:
        ingress, egress = (
            Side(name, "127.0.0.1", USER, "bench", port=int(port), password=PASSWORD)
            for name, port in zip(("ingress", "egress"), options.ports)
        )
        plan = TrackPlan(
            ingress,
            egress,
            start,
            start + 86_400_000_000,
            output=None if options.no_page else os.path.join(directory, "report.html"),
            csv=os.path.join(directory, "report.csv") if options.csv else None,
            summary=os.path.join(directory, "summary.json"),
        )
        started = time.monotonic()
        run(plan, Clock(), Console(stderr=True), sys.stdout)
        took = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rate = 2 * options.rows / took
    sys.stdout.write(f"{took:.1f} s, {rate:,.0f} rows a second, peak memory {peak:.0f} MiB\n")


if __name__ == "__main__":
    main()
