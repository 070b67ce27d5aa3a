"""Forks the workers of a run: all of them or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import NoReturn

from ..clock import Clock
from ..errors import StartError
from ..processes.child import Child, ChildEnds, end_children, fork_child
from ..slices import Slice

Work = Callable[[Slice, ChildEnds], NoReturn]
"""Runs a worker's part of a run, in its process."""


def start_workers(
    count: int, work: Work, clock: Clock, fork: Callable[[], int] = os.fork
) -> Sequence[Child]:
    """Fork the workers; StartError, and none is left, if one cannot be started."""
    workers: list[Child] = []
    try:
        for index in range(count):
            workers.append(fork_child(partial(work, Slice(index, count)), workers, fork))
    except OSError as error:
        end_children(workers, clock)
        for worker in workers:
            worker.close()
        raise StartError(
            f"process {len(workers) + 1} of {count} cannot be started: {error.strerror}; use fewer "
            "(run.workers), or raise the limit of processes (ulimit -u, TasksMax=), of descriptors "
            "(ulimit -n) or of memory"
        ) from None
    return workers
