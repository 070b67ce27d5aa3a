"""The processes of a tracking run, started before it opens anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, Optional

from ..errors import StartError
from .csv_file import CsvFile
from .durations_process import DurationsProcess
from .plan import TrackPlan
from .reading import Reader


class Processes(NamedTuple):
    """The parts of a tracking run that work in processes of their own."""

    readers: Sequence[Reader]  # of ingress and egress
    durations: DurationsProcess
    csv: Optional[CsvFile]  # None: none is wanted


@contextmanager
def start_processes(plan: TrackPlan) -> Iterator[Processes]:
    """Start all; they end with the block. StartError if one cannot be started."""
    with ExitStack() as stack:
        try:
            ingress = Reader(plan.ingress)
            stack.callback(ingress.close)
            egress = Reader(plan.egress, [ingress.companion])
            stack.callback(egress.close)
            others = [ingress.companion, egress.companion]
            durations = DurationsProcess(others)
            stack.callback(durations.close)
            csv = None
            if plan.csv:
                csv = CsvFile(plan.csv, bool(plan.sent), [*others, durations.companion])
                stack.callback(csv.close)
        except OSError as error:
            raise StartError(
                f"a process of the run cannot be started: {error.strerror}; raise the limit of "
                "processes (ulimit -u, TasksMax=), of descriptors (ulimit -n) or of memory"
            ) from None
        yield Processes([ingress, egress], durations, csv)
