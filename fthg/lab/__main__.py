"""`python -m fthg.lab`: run the practice system until it is stopped."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Optional

from .options import PORTS, build_parser

if TYPE_CHECKING:
    from gevent.event import Event

    from .settings import Settings


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the lab until SIGINT or SIGTERM; return the exit status."""
    options = build_parser().parse_args(argv)
    from ..patch import patch

    patch()
    import gevent
    from gevent.event import Event

    from ..clock import Clock
    from .databases import Databases
    from .lab_jobs import lab_jobs
    from .messages import closing_message, opening_message
    from .practice import Lab

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python's own handlers may have to wait for the loop's next event.
        gevent.signal_handler(number, stop.set)
    settings = _settings(options)
    try:
        with Databases(settings) as databases, Lab(settings, Clock(), databases.observers) as lab:
            lab.announce(databases.dsns, lab_jobs(lab, databases.dsns))
            if options.until_eof:
                gevent.spawn(_await_eof, stop)
            print(opening_message(lab, databases), flush=True)  # noqa: T201
            stop.wait()
    except OSError as error:
        print(f"fthg.lab: {error}", file=sys.stderr)  # noqa: T201
        return 3
    print(closing_message(lab.counts), flush=True)  # noqa: T201
    return 0


def _await_eof(stop: Event) -> None:
    from gevent.socket import wait_read

    data = b"more"
    while data:
        wait_read(0)
        data = os.read(0, 1 << 16)
    stop.set()


def _settings(options: Namespace) -> Settings:
    from .settings import Settings

    asked = {name: getattr(options, f"{name}_port") for name in PORTS}
    ports = {name: PORTS[name] if port is None else port for name, port in asked.items()}
    return Settings(
        directory=options.directory,
        http_port=ports["http"],
        https_port=ports["https"],
        sftp_port=ports["sftp"],
        movable=frozenset(name for name, port in asked.items() if port is None),
        accounts=dict(options.user or [("loader", "practice")]),
        basic_auth=options.basic_auth,
        client_certificate=not options.no_client_certificate,
        delay=options.delay,
        error_rate=options.error_rate,
        hang_rate=options.hang_rate,
        processing=options.processing,
        failed=options.failed,
        timeout=options.timeout,
        lost=options.lost,
        discard=options.discard,
        seed=options.seed,
        mysql=options.mysql,
        ingress_dsn=options.ingress_dsn,
        egress_dsn=options.egress_dsn,
        duplicates=options.duplicates,
        strangers=options.strangers,
        skewed=options.skewed,
    )


if __name__ == "__main__":
    sys.exit(main())
