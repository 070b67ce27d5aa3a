"""The summary on the terminal: the verdict, the jobs in one table, and details of what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

from rich.console import Console
from rich.text import Text

from ...verdicts.rows import change_rows
from ...writing.rows import WIDTH, print_rows, width_of
from ...writing.terminal import Terminal
from ..plan import Plan
from ..stats.snapshot import TOTAL, RunSnapshot
from .output import Output, Surroundings
from .summary_details import details_in, every_detail
from .summary_head import finding_lines, time_and_file_rows, verdict_lines
from .summary_outages import outage_block
from .summary_overview import overview_rows

_LINES = 100
"""What a summary has at most, unless the figures of every job are wanted."""

_MANY = 20  # jobs


class SummaryOutput(Output):
    """Prints the final summary."""

    def __init__(self, terminal: Terminal, *, every_job: bool = False) -> None:
        self._terminal = terminal
        self._every_job = every_job

    @classmethod
    def make(cls, plan: Plan, around: Surroundings) -> Optional[SummaryOutput]:  # noqa: ARG003
        """Return one if there is a terminal for it."""
        return cls(around.summary, every_job=around.every_job) if around.summary else None

    def start(self, plan: Plan) -> None:  # noqa: ARG002 - see Output
        """Start the terminal's thread; StartError if that fails."""
        self._terminal.stream.start()

    def end(self, snapshot: RunSnapshot) -> None:
        """Print it, without waiting for its reader."""
        print_summary(snapshot, self._terminal, every_job=self._every_job)
        self._terminal.stream.begin_end()


def print_summary(run: RunSnapshot, console: Console, *, every_job: bool = False) -> None:
    """Print all blocks in one piece; all figures of `every_job`, or only where it matters."""
    print_rows(summary_lines(run, width_of(console), every_job=every_job), console)


class _Most(NamedTuple):
    """How much of each part is shown."""

    thresholds: int
    finding_lines: int
    outages: int
    changes: int


_ALL, _FEW_JOBS, _MANY_JOBS = _Most(1000, 1000, 20, 9), _Most(12, 16, 20, 9), _Most(3, 4, 2, 4)


def summary_lines(
    run: RunSnapshot, width: int = WIDTH, *, every_job: bool = False
) -> Sequence[Text]:
    """Return the lines: at most 100 unless all figures of every job are wanted."""
    few = _FEW_JOBS if len(run.jobs) <= _MANY else _MANY_JOBS
    most = _ALL if every_job else few
    lines = [
        *verdict_lines(run, width, most.thresholds),
        *time_and_file_rows(run),
        *finding_lines(run, width, most.finding_lines),
        *outage_block(run, most.outages),
    ]
    lines += change_rows(run.changes.get(TOTAL, ())[: most.changes])
    if len(run.jobs) > 1:
        lines += overview_rows(run, width)
    if every_job or len(run.jobs) == 1:
        lines += every_detail(run, width)
    elif run.jobs:
        lines += details_in(run, width, _LINES - 1 - len(lines))
    return [*lines, Text()]
