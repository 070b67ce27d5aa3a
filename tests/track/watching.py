"""A watch over two databases, with the processes and the ledger that it works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from gevent.event import Event

from fthg.clock import Clock
from fthg.track.ledger import Ledger
from fthg.track.live import Live
from fthg.track.plan import TrackPlan
from fthg.track.processes import Processes, start_processes
from fthg.track.watch import Watch
from tests.screen import screen


class Watching(NamedTuple):
    watch: Watch
    processes: Processes
    ledger: Ledger


@contextmanager
def watching(plan: TrackPlan, clock: Clock, stop: Event) -> Iterator[Watching]:
    """Yield a watch of a plan, which has not polled yet."""
    with (
        start_processes(plan) as processes,
        closing(Ledger(plan.start, plan.end, plan.grace)) as ledger,
        screen() as shown,
    ):
        processes.durations.open(ledger)
        watch = Watch(
            plan,
            clock,
            ledger=ledger,
            databases=processes.readers,
            live=Live(shown.terminal, clock),
            stop=stop,
            durations=processes.durations.measure,
        )
        yield Watching(watch, processes, ledger)
