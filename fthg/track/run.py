"""A run of tracking: follow both databases until the end, and write the reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Optional

from gevent.event import Event
from rich.console import Console
from rich.text import Text

from ..clock import Clock
from ..errors import StartError
from ..text import escape
from ..threads import in_thread
from ..writing import InputFile, OutputFile, check_outputs
from ..writing.terminal import Terminal
from .ending import exit_status, print_end
from .figures import Figures
from .ledger import Ledger
from .ledger_file import check_ledger, failed_ledger
from .live import Live
from .outputs import TrackOutputs
from .plan import TrackPlan
from .processes import start_processes
from .tls import make_context
from .watch import Watch


def run(
    plan: TrackPlan,
    clock: Clock,
    terminal: Terminal,
    out: Optional[Console],
    *,
    stop: Optional[Event] = None,
    quiet: bool = False,
    status_interval: float = 60.0,
) -> int:
    """Follow both databases until the end, write the reports, and return the exit status.

    Progress goes to `terminal`, the verdict to `out`, if there is one; `stop` set ends polling
    early. Raises StartError if a file cannot be read or written, DatabaseError if a database fails:
    the reports of an earlier poll stay whole.
    """
    in_thread(partial(check_files, plan))  # so that signals are handled while a directory hangs
    live = Live(terminal, clock, quiet, status_interval, plan.zone)
    try:
        figures, errors = _follow(plan, clock, live, stop or Event())
    except sqlite3.OperationalError as error:
        raise failed_ledger(plan.ledger, error) from error
    print_end(figures, plan, out, terminal)
    for unwritten in errors:
        terminal.print_line(Text(f"fthg: {escape(unwritten)}"))
    return exit_status(figures, unwritten=bool(errors))


def _follow(
    plan: TrackPlan, clock: Clock, live: Live, stop: Event
) -> tuple[Figures, Collection[str]]:
    """Return the last figures, and the errors of the files that could not be written at the end."""
    with ExitStack() as stack:
        processes = stack.enter_context(start_processes(plan))
        ledger = Ledger(plan.start, plan.end, plan.grace, plan.ledger, only_sent=plan.only_sent)
        stack.callback(ledger.close)
        processes.durations.open(ledger)
        if processes.csv:
            processes.csv.open(ledger)
        ledger.hide()
        stack.enter_context(live)
        stack.enter_context(_linked(stop, live.announce_stop))
        files = TrackOutputs(plan, ledger, live, processes.csv)
        stack.callback(files.close)
        watch = Watch(
            plan,
            clock,
            ledger=ledger,
            databases=processes.readers,
            live=live,
            stop=stop,
            on_paired=files.begin_csv,
            durations=processes.durations.measure,
        )
        for figures in watch.polls():
            files.write(figures)
        return figures, files.errors.values()


@contextmanager
def _linked(event: Event, act: Callable[[], object]) -> Iterator[None]:
    """Call `act` in the hub when the event is set within the block."""

    def call(_: Event) -> None:
        act()

    event.rawlink(call)
    try:
        yield
    finally:
        event.unlink(call)


def output_files(plan: TrackPlan) -> Sequence[OutputFile]:
    """Return all that a plan writes."""
    return (
        OutputFile("track.output", plan.output),
        OutputFile("track.csv", plan.csv),
        OutputFile("track.summary", plan.summary),
        OutputFile("track.junit", plan.junit),
        OutputFile("track.ledger", plan.ledger, only_file=True),
    )


def check_files(
    plan: TrackPlan, others: Iterable[OutputFile] = (), inputs: Iterable[InputFile] = ()
) -> None:
    """Raise an error unless all files can be read or written and no output overwrites another file.

    `others` and `inputs` are further files of the program. ConfigError where files are the same,
    StartError where a file is unusable.
    """
    read = [InputFile(f"track.sent ({path})", path) for path in plan.sent]
    if plan.logo:
        read.append(InputFile("track.logo", plan.logo))
    if plan.baseline:
        read.append(InputFile("track.baseline", plan.baseline.path))
    for _, path in read:
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            raise StartError(f"{path} cannot be read: {error.strerror}") from None
    check_outputs([*output_files(plan), *others], [*inputs, *read])
    for side in (plan.ingress, plan.egress):
        make_context(side.tls, f"track.{side.name}.tls")
    if plan.ledger:
        check_ledger(plan.ledger)
