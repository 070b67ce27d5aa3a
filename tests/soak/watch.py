"""The soak itself: one loop that watches fthg, injects faults, cleans, counts and samples."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional, TextIO

from fthg.clock import SECOND
from fthg.load.stats.histogram import Histogram

from .cleaner import Cleaner
from .faults import Fault, Turn, turn
from .load import SSH, TIMEOUT, WEB, Harness
from .probe import probe
from .stage import Stage
from .tail import Tail
from .tally import Tally

Sample = Mapping[str, float]

_TICK = 0.25
_OVERTIME = 60.0
_HEALTH = b"fthg.load.outputs.health"
_ERROR = b'"level": "error"'
_ALLOWANCE = 2 * TIMEOUT + 5.0


class Seen(NamedTuple):
    """The observations of a soak."""

    samples: Sequence[Sample]
    tally: Tally
    cleaner: Cleaner
    faults: Mapping[str, int]
    written: Mapping[str, int]  # bytes by file
    lateness: Histogram  # nanoseconds, of all sent transfers
    errors_logged: int
    status: Optional[int]  # of fthg; None if it had to be killed
    summary: Optional[Mapping[str, Any]]
    last_words: Sequence[str]  # of its standard error, if it failed


class Watch:
    """A running soak of some seconds; a sample every `interval` seconds goes to samples.jsonl."""

    def __init__(
        self, stage: Stage, room: Path, seconds: float, interval: float, seed: int
    ) -> None:
        self._room = room
        self.seconds = seconds  # fewer if it is interrupted
        self._interval = interval
        self.tally = Tally(_ALLOWANCE)
        self.cleaner = Cleaner(stage.digests, [stage.web.plain, stage.web.secure, stage.ssh.root])
        self.samples: list[Sample] = []
        self.faults: Counter[str] = Counter()
        self._health: dict[str, float] = {}
        self._lateness = Histogram()
        self._errors_logged = 0
        self._started = time.monotonic()
        self.fthg = Harness(room, stage, seconds, interval)
        self._results, self._log = Tail(self.fthg.results), Tail(self.fthg.log)
        kinds = _kinds(stage, self.fthg)
        period = min(60.0, seconds / 12)
        self._turn = Turn(
            kinds, turn(seed, len(kinds), period, seconds - period / 2), self.tally.troubles
        )

    def run(self) -> Seen:
        """Watch until fthg has ended; a KeyboardInterrupt ends it early."""
        status: Optional[int] = None
        with (self._room / "samples.jsonl").open("w", buffering=1) as file:
            try:
                status = self._until_it_ends(file)
            except KeyboardInterrupt:
                self.fthg.stop()
                self._turn.finish()
                self.seconds = self.elapsed
                status = self._until_it_ends(file)
            finally:
                self._turn.finish()
                self.fthg.end()
        self._collect(older=-1)
        return self._seen(status)

    def _until_it_ends(self, file: TextIO) -> Optional[int]:
        overdue = self.seconds + _OVERTIME
        while self.fthg.status is None:
            if self.elapsed > overdue:
                return None
            time.sleep(_TICK)
            self._collect()
            if self._may_act() and (started := self._turn.go(self.elapsed)):
                self.faults[started] += 1
                file.write(json.dumps({"at": self.elapsed, "fault": started}) + "\n")
            if len(self.samples) * self._interval <= self.elapsed:
                self._sample(file)
        return self.fthg.status

    def _may_act(self) -> bool:
        # Before fthg starts to send, a signal would end it, as it would end any program.
        return bool(self.tally.scheduled) and self.elapsed < self.seconds

    @property
    def elapsed(self) -> float:
        """Return the seconds since the start."""
        return time.monotonic() - self._started

    def _collect(self, older: float = 60.0) -> None:
        for arrival in self.cleaner.sweep(older):
            self.tally.arrive(arrival)
        for line in self._results.lines():
            result = json.loads(line)
            if "outcome" not in result:  # a standstill
                continue
            self.tally.end(result)
            if result["start"] is not None:
                self._lateness.record(round((result["start"] - result["due"]) * SECOND))
        for line in self._log.lines():
            self._errors_logged += _ERROR in line
            if _HEALTH in line:
                self._health = _numbers(json.loads(line))

    def _sample(self, file: TextIO) -> None:
        try:
            seen = probe(self.fthg.pid)
        except OSError:
            return
        sample = {
            "at": self.elapsed,
            **seen,
            "scheduled": self.tally.scheduled,
            "arrived": self.tally.arrived,
            **{f"health_{name}": value for name, value in self._health.items()},
        }
        self.samples.append(sample)
        file.write(json.dumps(sample) + "\n")

    def _seen(self, status: Optional[int]) -> Seen:
        summary, stderr = self.fthg.summary, self._room / "stderr.txt"
        return Seen(
            samples=self.samples,
            tally=self.tally,
            cleaner=self.cleaner,
            faults=self.faults,
            written={
                "results": self._results.bytes,
                "log": self._log.bytes,
                "stderr": stderr.stat().st_size,
            },
            lateness=self._lateness,
            errors_logged=self._errors_logged,
            status=status,
            summary=json.loads(summary.read_text()) if summary.exists() else None,
            last_words=stderr.read_text().splitlines()[-5:] if status else [],
        )


def _numbers(line: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in line.items()
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    }


def _nothing() -> None:
    """Do nothing, as the end of a fault that is over at once."""


def _kinds(stage: Stage, fthg: Harness) -> Sequence[Fault]:
    web, ssh = stage.web, stage.ssh
    return [
        Fault("nginx stopped", WEB, web.stop, web.start),
        Fault("nginx killed", WEB, web.kill, web.start),
        Fault("nginx frozen", WEB, web.freeze, web.thaw),
        Fault("nginx answers 503", WEB, web.fail, web.recover),
        Fault("sshd killed", SSH, ssh.stop, ssh.start_as_configured),
        Fault("sshd's connections cut", SSH, ssh.cut, _nothing),
        Fault(
            "sshd frozen",
            SSH,
            lambda: ssh.signal(signal.SIGSTOP),
            lambda: ssh.signal(signal.SIGCONT),
        ),
        Fault("files rotated, SIGHUP", frozenset(), fthg.rotate, _nothing),
        Fault("figures asked, SIGUSR1", frozenset(), fthg.ask, _nothing),
    ]
