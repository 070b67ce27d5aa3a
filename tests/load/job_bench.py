"""A job on the fake clock, for tests of how it dispatches."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Optional, Union

import gevent

from fthg.clock import SECOND
from fthg.load.expected import dispatch_time
from fthg.load.files.source import Source
from fthg.load.job import RunningJob
from fthg.load.pacing import Pacer, Stages
from fthg.load.plan import Job, Plan
from fthg.protocols.options import Options
from fthg.slices import WHOLE, Slice
from fthg.transfer import Result
from tests.fakes import FakeClock, FakeSender

from .snapshots import pacer, stages

HOUR = 3600 * SECOND

Rate = Union[Fraction, str, Pacer, None]
"""A constant rate, the text of stages, a pacer, or None for max."""


def pacer_of(rate: Rate) -> Pacer:
    """The pacer of a rate."""
    if isinstance(rate, Pacer):
        return rate
    return stages(rate) if isinstance(rate, str) else pacer(rate)


class Bench:
    """A job on the fake clock, with the results of its arrivals."""

    def __init__(self, tmp_path: Path, seconds: Any = lambda _: 0.0) -> None:
        (tmp_path / "file").write_bytes(b"x" * 10)
        self.directory = tmp_path
        self.clock = FakeClock()
        self.sender = FakeSender(Options(), self.clock, seconds)
        self.results: list[Result] = []

    def start(
        self,
        rate: Rate = Fraction(1),
        *,
        is_open: bool = True,
        limit: int = 1000,
        count: Optional[int] = None,
        end: Optional[float] = None,
        start: float = 0.0,
        names: Any = None,
        senders: Optional[Stages] = None,
        slice_: Slice = WHOLE,
    ) -> RunningJob:
        job = Job(
            "job", "http://x", "http", Source(str(self.directory)), pacer_of(rate), is_open, limit,
            count=count, duration=None if end is None else end - start, senders=senders,
            slice=slice_,
        )  # fmt: skip
        time = dispatch_time(job, Plan("r1", (job,)))
        return RunningJob(
            job,
            self.sender,
            names or itertools.repeat("file"),
            self.clock,
            self.results.append,
            round(start * SECOND),
            None if time is None else round(start * SECOND) + time,
        )

    def run(self, rate: Rate = Fraction(1), grace: float = 30, **how: Any) -> None:
        self.start(rate, **how).run_out(grace)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        def wait() -> None:
            self.clock.sleep_until(round(seconds * SECOND))
            act()

        gevent.spawn(wait)

    def outcomes(self) -> Counter[str]:
        return Counter(result.outcome for result in self.results)

    def starts(self) -> list[float]:
        return [moment / SECOND for moment, _ in self.sender.started]
