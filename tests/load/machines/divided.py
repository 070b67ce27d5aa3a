"""A run on the fake clock: as a whole, or as slices and workers, each a process of its own.

Each machine makes its plan for itself; what it leaves is a results file.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import md5
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Optional

import gevent

from fthg import cli
from fthg.clock import SECOND
from fthg.config import settings
from fthg.config.settings import Settings
from fthg.errors import TransferError
from fthg.load.dividing import for_slice, for_worker
from fthg.load.files.passes import names
from fthg.load.from_results import Choice, summarize_results
from fthg.load.outputs.group import OutputGroup
from fthg.load.outputs.output import Output
from fthg.load.outputs.summary_json import summary_json
from fthg.load.plan import Plan
from fthg.load.planning import anchored, make_plan
from fthg.load.process import ProcessRun
from fthg.load.stats.snapshot import RunSnapshot
from fthg.program import SECTIONS
from fthg.results.write import result_lines, standstill_line
from fthg.slices import WHOLE, Slice
from fthg.standstill import Standstill
from fthg.transfer import Result, Sent, Transfer
from fthg.writing import Stamp
from tests.fakes import FakeClock, FakeSender

RUN = "nightly-7"
SEPTEMBER = 1_790_000_035 * SECOND
"""21 September 2026, 15:33:55 in Berlin: five seconds before a minute is over."""
FLUSHED = SECOND // 2
"""Seconds between two writes of workers to the file that they share."""


def read_config(config: Path) -> Settings:
    """The settings, which are the same on each machine."""
    return settings.read(cli.parse(["-c", str(config)]), SECTIONS)


def planned(read: Settings, run: str = RUN) -> Plan:
    """The plan of the whole run, as one machine makes it."""
    return make_plan(read.run, read.jobs, Stamp(run, "2026-01-31", "140259"))


class Target(NamedTuple):
    """A server whose answers depend on nothing but job, number and the time of an arrival."""

    seed: int = 0
    away: Sequence[tuple[float, float]] = ()  # seconds of the run in which nothing is answered
    slow: Sequence[tuple[float, float]] = ()
    sometimes: float = 0.1  # how many of the others fail

    def answer(self, transfer: Transfer, now: int) -> tuple[float, Optional[TransferError]]:
        """The duration of a transfer, and the error of one that fails."""
        dice = Random(f"{self.seed} {transfer.job} {transfer.seq}")
        took = dice.randrange(1, 900_000) / 1_000_000
        if _within(self.away, now):
            return took / 10, TransferError("refused", "Connection refused")
        if _within(self.slow, now):
            took += 3
        if dice.random() < self.sometimes:
            detail = f"cut at {transfer.seq % 3}"
            return took, dice.choice([
                TransferError("reset", detail, sent=5),
                TransferError("status", "Unavailable", code=503, phases={"waiting": 0.01}),
                TransferError("status", "Not Found", code=404),
            ])  # fmt: skip
        return took, None


def _within(periods: Sequence[tuple[float, float]], now: int) -> bool:
    return any(first * SECOND <= now < last * SECOND for first, last in periods)


File = tuple[str, int, str, str]
"""Job, number, name and digest of a file that was sent."""


class _Sender(FakeSender):
    def __init__(self, clock: FakeClock, target: Target, options: Any) -> None:
        super().__init__(options, clock)
        self.files: list[File] = []
        self._target = target

    def send(self, transfer: Transfer) -> Sent:
        content = transfer.content
        data = Path(transfer.path).read_bytes() if content is None else content.read_at_once(0)
        digest = md5(data, usedforsecurity=False).hexdigest()
        self.files.append((transfer.job, transfer.seq, transfer.name, digest))
        took, error = self._target.answer(transfer, self.clock.now())
        self.seconds = lambda _: took
        sent = super().send(transfer)
        if error:
            raise error
        return sent


class _Lines(Output):
    """Keeps the lines of a process, each with the moment at which it was known."""

    def __init__(self, plan: Plan, clock: FakeClock) -> None:
        self.kept: list[tuple[int, bytes]] = []
        self._clock = clock
        self._offset = clock.utc() - clock.now()
        self._run = plan.run
        self._slices = {job.name: job.slice for job in plan.jobs if job.slice != WHOLE}
        self._slice = str(plan.slice) if plan.slice else ""

    @classmethod
    def make(cls, plan: Plan, around: Any) -> None:
        """Return None: no plan asks for it."""

    def record(self, results: Sequence[Result]) -> None:
        lines = result_lines(results, self._run, self._offset, self._slice)
        self.kept += [(self._clock.now(), line) for line in lines]

    def standstill(self, standstill: Standstill) -> None:
        line = standstill_line(standstill, self._run, self._offset, self._slices, self._slice)
        self.kept.append((self._clock.now(), line))


@dataclass
class Done:
    """The results of a run's processes, and the files that they left."""

    files: list[File] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)  # of the results, one a slice
    live: Optional[RunSnapshot] = None  # of the last process
    plan: Optional[Plan] = None  # that judges

    def lines(self) -> list[Mapping[str, Any]]:
        """The results."""
        texts = [line for path in self.paths for line in path.read_text().splitlines()]
        parsed = [json.loads(text) for text in texts]
        return [line for line in parsed if "outcome" in line]

    def arrivals(self) -> list[tuple[Any, ...]]:
        """Job, number, due time, file and outcome of each, sorted."""
        keys = ("job", "seq", "due", "file", "size", "outcome", "start", "end", "code", "error")
        found = [tuple(line[key] for key in keys) for line in self.lines()]
        return sorted(found, key=lambda arrival: arrival[:2])

    def merged(self) -> RunSnapshot:
        """The end of the run, by its results."""
        assert self.plan is not None
        paths = [str(path) for path in self.paths]
        return summarize_results(paths, io.BytesIO(), self.plan, Choice())

    def figures(self) -> dict[str, Any]:
        """The summary of that as JSON, without what says where it came from."""
        found = dict(summary_json(self.merged()))
        del found["results"]
        return found


Disturb = Callable[[FakeClock, Slice], object]
"""Does something to a process of this slice, from the beginning of the run on."""


def divided(
    config: Path,
    directory: Path,
    slices: int = 1,
    workers: int = 1,
    target: Target = Target(),  # noqa: B008 - it is immutable
    disturb: Disturb = lambda *_: None,
    utc: int = SEPTEMBER,
) -> Done:
    """Run all slices, each with its workers, to their ends, and leave a results file of each."""
    directory.mkdir()
    read = read_config(config)
    done = Done(plan=planned(read))
    for part in range(slices):
        machine = planned(read)
        if slices > 1:
            machine = for_slice(machine, Slice(part, slices))
        kept: list[tuple[int, bytes]] = []
        for mine in _processes(machine, workers):
            kept += _carry_out(mine, FakeClock(utc), target, disturb, done)
        # Workers add what they have to the file twice a second.
        kept.sort(key=lambda item: item[0] // FLUSHED)
        path = directory / f"{part}-of-{slices}.jsonl"
        path.write_bytes(b"".join(line for _, line in kept))
        done.paths.append(path)
    return done


def _processes(machine: Plan, workers: int) -> Iterator[Plan]:
    if workers == 1:
        yield machine
        return
    for number in range(workers):
        yield for_worker(replace(machine, workers=workers), Slice(number, workers))


def _carry_out(
    plan: Plan, clock: FakeClock, target: Target, disturb: Disturb, done: Done
) -> list[tuple[int, bytes]]:
    if not plan.jobs:
        return []
    mine = anchored(plan, clock.utc())
    senders = {job.name: _Sender(clock, target, job.options) for job in mine.jobs}
    lines = _Lines(mine, clock)
    files = {job.name: names(job.source, clock.utc) for job in mine.jobs}
    run = ProcessRun(mine, senders, files, clock, clock.now(), OutputGroup([lines], clock))
    gevent.spawn(disturb, clock, mine.jobs[0].slice)
    with gevent.Timeout(120):
        run.wait()
    run.end()
    assert not run.broken
    for sender in senders.values():
        done.files += sender.files
    done.live = run.snapshot()
    return lines.kept
