"""The figures of a report: all numbers of one poll of both databases, frozen.

Times are integer microseconds since 1970-01-01 UTC, durations integer microseconds, the rest
counts and texts; None means that a figure does not apply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timezone, tzinfo
from enum import Enum
from fractions import Fraction
from typing import NamedTuple, Optional

from ..report.scale import Bin
from ..verdicts.baseline import Change
from ..verdicts.thresholds import Verdict
from .tracked import SentFile, Tracked


class State(Enum):
    """The state of a tracking run when a report was written."""

    RUNNING = "running"  # a later report replaces this one
    ENDED_EARLY = "ended_early"  # stopped, or polled once, while something could still change
    FINAL = "final"


@dataclass(frozen=True)
class Source:
    """The database and table that the rows of one side came from."""

    side: str  # ingress or egress
    host: str
    port: int
    database: str
    table: str
    rows: int  # read for this report, with duplicates and partners outside the period

    def __str__(self) -> str:
        return f"{self.host}:{self.port} {self.database}.{self.table}"


@dataclass(frozen=True)
class Counts:
    """The number of transfers of each outcome; each transfer has exactly one."""

    passed: int = 0
    failed: int = 0
    timeout: int = 0
    in_progress: int = 0
    pending: int = 0
    unpaired: int = 0

    @property
    def transfers(self) -> int:
        """Return the sum of all six."""
        return self.decided + self.in_progress + self.pending + self.unpaired

    @property
    def decided(self) -> int:
        """Return the base of the pass rate: passed, failed and timeout."""
        return self.passed + self.failed + self.timeout

    @property
    def pass_rate(self) -> Optional[float]:
        """Return 0 to 1, None if nothing is decided; show it by `show_share(passed, decided)`."""
        return self.passed / self.decided if self.decided else None


@dataclass(frozen=True)
class Spread:
    """The distribution of at least one duration, percentiles by nearest rank."""

    count: int
    total: int
    min: int
    p50: int
    p90: int
    p95: int
    p99: int
    max: int

    @property
    def mean(self) -> int:
        """Return the arithmetic mean, to the nearest microsecond."""
        return (2 * self.total + self.count) // (2 * self.count)


@dataclass(frozen=True)
class Stages:
    """The time that each stage takes, over the transfers that have both ends of it."""

    ingress: Optional[Spread]  # start to end at ingress
    hand_over: Optional[Spread]  # end at ingress to start at egress
    egress: Optional[Spread]  # start to end at egress


@dataclass(frozen=True)
class Bucket:
    """One step of the time axis: the transfers that started in it."""

    start: int
    counts: Counts
    transit: Optional[Spread]  # of those that started in it and have ended
    in_flight: int  # the most transfers at once between start at ingress and end at egress
    within: int = 0  # of those that started in it: passed within the promised time
    due: int = 0  # of those: passed, failed, timeout and unpaired, the base of `within`


@dataclass(frozen=True)
class Timeline:
    """The period, or as much of it as has passed, cut into at most 120 equal steps."""

    step: int
    buckets: tuple[Bucket, ...]


class SlaStep(NamedTuple):
    """One hour or day of the period in the report's zone."""

    start: int
    end: int
    within: int
    due: int


@dataclass(frozen=True)
class Sla:
    """The number of transfers that passed within the promised time."""

    limit: int
    within: int  # passed, with a transit time of at most `limit`
    due: int  # passed, failed, timeout and unpaired: the base of `within`
    overdue: int  # in progress or pending, and already older than `limit`
    target: Optional[Fraction] = None  # the least share of `due` that must be within; None: no one
    by_day: bool = False  # `steps` are days, not hours
    steps: tuple[SlaStep, ...] = ()  # those that have transfers

    @property
    def met(self) -> bool:
        """Return True if the target, or without one every transfer, is within the limit."""
        return self.within >= self.due * (1 if self.target is None else self.target)


OTHERS = "other files"
"""The name of the last group: the transfers that are in none of the others."""


@dataclass(frozen=True)
class Group:
    """The transfers whose file names match some patterns; a transfer may be in several groups."""

    name: str
    patterns: tuple[str, ...]  # none: the transfers that are in no other group
    counts: Counts
    transit: Optional[Spread]
    within: Optional[int] = None  # passed within the promised time; None without one


@dataclass(frozen=True)
class Hint:
    """A sign that the set-up is wrong, not the transfers."""

    kind: str  # of hints.KINDS
    sentence: str  # what was found and what to do, without a full stop at the end
    affects: tuple[str, ...] = ()  # of transit, sla, pass_rate, unpaired: figures not to be trusted


class FailureSpan(NamedTuple):
    """Failures close together: the first and last start, and the number of each outcome.

    Two failures are in one span if `failure_spans.span_gap` or less lies between their starts.
    """

    start: int
    end: int
    failed: int
    timeout: int


@dataclass(frozen=True)
class Transfers:
    """The first of some transfers, and how many there are in all."""

    total: int
    first: tuple[Tracked, ...]


@dataclass(frozen=True)
class QualityFinding:
    """One kind of data quality problem on one side."""

    kind: str  # of quality.KINDS
    side: str  # ingress or egress; "both" if only a pair shows it
    total: int
    first: tuple[Tracked, ...]  # of a duplicate: the row that does not count, by itself


@dataclass(frozen=True)
class SentFiles:
    """The first of some sent files, and how many there are in all."""

    total: int
    first: tuple[SentFile, ...]


@dataclass(frozen=True)
class Reconciliation:
    """The comparison of the files that fthg sent in the period with the rows at ingress."""

    accepted: int  # sent, and accepted by the server
    missing: SentFiles  # accepted, but never seen at ingress
    unconfirmed: Transfers  # at ingress, but failed or cancelled for the sender
    unexpected: Transfers  # at ingress in the period, but not sent by fthg


@dataclass(frozen=True)
class Figures:
    """The content of a report, except the table of all transfers."""

    title: str
    start: int  # of the period, inclusive
    end: int  # of the period, exclusive
    snapshot: int  # when the databases were polled
    state: State
    grace: int
    ingress: Source
    egress: Source
    counts: Counts
    transit: Optional[Spread]  # over pairs with both ends; None if there are none
    sla: Optional[Sla]  # None if none is set
    timeline: Timeline
    histogram: tuple[Bin, ...]  # of equal width, but those with a `tail`
    stages: Stages
    matrix: tuple[tuple[int, ...], ...]  # [ingress][egress], both by outcomes.Status
    failures: Transfers  # failed and timeout, latest first
    unpaired_ingress: Transfers  # rows at ingress without a partner, oldest first
    unpaired_egress: Transfers  # rows at egress without a partner, oldest first
    slowest: tuple[Tracked, ...]  # longest transit first
    quality: tuple[QualityFinding, ...]  # in the order of quality.KINDS
    sent: Optional[Reconciliation] = None  # None if no results file was given
    logo: Optional[str] = None  # path of an image file
    csv: Optional[str] = None  # path of the CSV with all transfers, if one is written
    zone: tzinfo = timezone.utc  # in which people see times
    zone_name: str = "UTC"
    thresholds: Sequence[Verdict] = ()
    baseline: Sequence[Change] = ()
    groups: tuple[Group, ...] = ()
    hints: tuple[Hint, ...] = ()
    failure_spans: tuple[FailureSpan, ...] = ()  # in the order of time
