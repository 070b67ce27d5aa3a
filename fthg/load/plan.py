"""The plan of a run, made from the configuration: frozen, complete, in plain units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timezone, tzinfo
from typing import NamedTuple, Optional

from ..protocols.options import Options
from ..slices import WHOLE, Slice
from ..verdicts.thresholds import Threshold
from .baseline import Baseline
from .files.source import Source
from .pacing import Pacer, Stages
from .pacing.levels import fewest
from .pacing.maximum import Maximum


@dataclass(frozen=True)
class Limits:
    """Thresholds, and whether a crossed one ends the run."""

    thresholds: tuple[Threshold, ...] = ()
    abort: bool = False
    abort_after: float = 0.0  # seconds since the start before a crossed one may end the run

    def judge(self, figure: str) -> bool:
        """Return True if one of them is a limit for a figure."""
        return any(threshold.figure == figure for threshold in self.thresholds)


class Joined(NamedTuple):
    """The schedule of a job when it is joined: what fell due before is never sent."""

    seconds: float  # after its start
    first: int  # arrival that is sent at the earliest, in any slice
    missed: int  # arrivals of this slice before that


@dataclass(frozen=True)
class Job:
    """One job: files, target and times; durations in seconds."""

    name: str
    url: str  # for people: without user info
    protocol: str  # of protocols.SENDERS: http, https or sftp
    source: Source
    pacer: Pacer
    open: bool  # True: on time whatever the server does; False: waits for responses
    limit: int  # max_in_flight of the open model, (most) senders of the closed
    limit_named: bool = True  # False: the default of max_in_flight, which divides no job
    connections: Optional[int] = None  # of the whole job; None: not named, and divides no job
    start_after: float = 0.0
    duration: Optional[float] = None  # of dispatching; None: until stopped
    count: Optional[int] = None
    limits: Limits = Limits()
    slice: Slice = WHOLE  # the arrivals that this process sends
    options: Options = field(default_factory=Options)  # of its Sender
    senders: Optional[Stages] = None  # of the closed model, if their number changes
    joined: Optional[Joined] = None  # None: it is sent from its beginning on
    spread_over: Optional[float] = None  # the period that the jobs of one `each` start spread over

    @property
    def known(self) -> bool:
        """False if only its name is known."""
        return bool(self.url)

    @property
    def first(self) -> int:
        """The first arrival that this process sends."""
        return self.slice.first(self.joined.first if self.joined else 0)

    @property
    def stages_end(self) -> Optional[int]:
        """The end of the stages of its rate or senders, in nanoseconds after its start."""
        paced = [self.pacer, *([self.senders] if self.senders else [])]
        return min((one.end for one in paced if one.end is not None), default=None)

    @property
    def _divisible_limit(self) -> int:
        """As many parts as this have a sender each: whenever arrivals are due, if some ever are."""
        if self.senders is None or not any(pacer.has_target for _, pacer in self.pacer.parts):
            return self.limit
        return max(1, self.slice.share(fewest(self.senders)))

    def parts(self, workers: int) -> int:
        """Return how many of the workers have a part: at most as many as its named limits allow."""
        if not self.source.divisible:
            return 1
        named = [self._divisible_limit] if self.limit_named else []
        return min([workers, *named, *([self.connections] if self.connections else [])])


def unknown(name: str) -> Job:
    """Return a job that is known from results alone, without its configuration."""
    return Job(name, "", "", Source(""), Maximum(""), open=True, limit=0)


@dataclass(frozen=True)
class Plan:
    """One run of several jobs; durations in seconds."""

    run: str  # its id
    jobs: tuple[Job, ...]
    duration: Optional[float] = None  # None: until stopped, or until every job is done
    graceful_stop: float = 30.0
    status_interval: float = 60.0
    workers: int = 1  # processes that share the load
    outputs: Mapping[str, str] = field(default_factory=dict)  # values of the keys of outputs
    slice: Optional[Slice] = None  # of the run, which this machine sends; None: all of it
    worker: Slice = WHOLE  # of that, which this process sends
    baseline_file: Optional[str] = None  # the summary of an earlier run; None: no comparison
    baseline: Optional[Baseline] = None  # what it holds, once it was read
    start_at: Optional[int] = None  # UTC, nanoseconds since 1970; None: as soon as it is ready
    join: bool = False  # if that is over: send what falls due from now on
    limits: Limits = Limits()  # on the total
    zone: tuple[tzinfo, str] = (timezone.utc, "UTC")  # of times for people, and its name
    cautions: Sequence[str] = ()  # warnings about its start on this machine
    secrets: Collection[str] = field(default=(), repr=False)  # secrets that no output may show
