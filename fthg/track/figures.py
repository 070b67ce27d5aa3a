"""What a report is made from: every number of one look at both databases, frozen.

Times are integer microseconds since 1970-01-01 UTC, durations integer microseconds, all else
counts and texts; None stands wherever a figure does not apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional

SECOND = 1_000_000

RESULTS = ("unpaired", "failed", "timeout", "in_progress", "pending", "passed")
"""What a transfer can be, in the order in which people want to see them."""

STATUSES = ("SUCCESS", "FAILED", "TIMEOUT", "unknown", "NULL", "no row")
"""Rows and columns of the status matrix: the enum, any other text, no status yet, no row."""

QUALITY = {
    "duplicate_uuid": "further rows with a UUID of their side; the row that starts first counts",
    "null_uuid": "rows without a UUID; they cannot have a partner",
    "malformed_uuid": "rows whose UUID is none; they pair by their exact text only",
    "unknown_status": "rows whose status is none of SUCCESS, FAILED and TIMEOUT",
    "end_before_start": "rows that end before they start",
    "negative_transit": "pairs whose egress ends before their ingress starts: clocks differ",
    "filename_differs": "pairs whose two sides name different files",
}
"""Each kind of doubtful data and what it means, the only ones there are."""


class Row(NamedTuple):
    """One row of one database."""

    uuid: Optional[str]  # 36 characters in lower case; as it stands in the row where it is no UUID
    filename: Optional[str]
    start: Optional[int]
    end: Optional[int]  # None while the server works on the file
    status: Optional[str]  # as it stands in the row; None while in progress

    @property
    def duration(self) -> Optional[int]:
        """From start to end; None until both are there."""
        return _between(self.start, self.end)


class SentFile(NamedTuple):
    """One file that fthg sent, from its results file."""

    uuid: Optional[str]
    job: str
    name: str  # relative to the job's directory
    size: Optional[int]  # bytes
    start: int
    end: Optional[int]
    outcome: str  # ok, failed or cancelled
    error: Optional[str]  # of errors.KINDS


class Tracked(NamedTuple):
    """One transfer as both databases, and perhaps fthg, know it; one of the two rows is there."""

    result: str  # of RESULTS
    ingress: Optional[Row]
    egress: Optional[Row]
    sent: Optional[SentFile] = None

    @property
    def uuid(self) -> Optional[str]:
        """The UUID that both rows have."""
        return self._some.uuid

    @property
    def filename(self) -> Optional[str]:
        """The name at ingress, else at egress."""
        return self._some.filename or (self.egress.filename if self.egress else None)

    @property
    def start(self) -> Optional[int]:
        """What decides whether it belongs to the period: the start at ingress, else at egress."""
        if self.ingress and self.ingress.start is not None:
            return self.ingress.start
        return self.egress.start if self.egress else None

    @property
    def hand_over(self) -> Optional[int]:
        """From the end at ingress to the start at egress; negative where they overlap."""
        return _between(self.ingress and self.ingress.end, self.egress and self.egress.start)

    @property
    def transit(self) -> Optional[int]:
        """From the start at ingress to the end at egress; negative where clocks differ."""
        return _between(self.ingress and self.ingress.start, self.egress and self.egress.end)

    @property
    def delivery(self) -> Optional[int]:
        """From the moment that fthg began to send to the end at egress."""
        return _between(self.sent and self.sent.start, self.egress and self.egress.end)

    @property
    def throughput(self) -> Optional[int]:
        """Bytes a second over `delivery`; None where that is not above zero."""
        if self.sent is None or self.sent.size is None or not self.delivery or self.delivery < 0:
            return None
        return self.sent.size * SECOND // self.delivery

    def age(self, now: int) -> Optional[int]:
        """How old a row without a partner is: since its end, else since its start."""
        since = self._some.end if self._some.end is not None else self._some.start
        return _between(since, now)

    @property
    def _some(self) -> Row:
        row = self.ingress or self.egress
        assert row is not None  # noqa: S101 — by the ledger's making
        return row


@dataclass(frozen=True)
class Source:
    """Where the rows of one side came from."""

    side: str  # ingress or egress
    host: str
    port: int
    database: str
    table: str
    rows: int  # read there for this report, partners beyond the period and duplicates included

    def __str__(self) -> str:
        return f"{self.host}:{self.port} {self.database}.{self.table}"


@dataclass(frozen=True)
class Counts:
    """How many transfers are what: one of six for each."""

    passed: int = 0
    failed: int = 0
    timeout: int = 0
    in_progress: int = 0
    pending: int = 0
    unpaired: int = 0

    @property
    def transfers(self) -> int:
        """The sum of all six."""
        return self.decided + self.in_progress + self.pending + self.unpaired

    @property
    def decided(self) -> int:
        """What the pass rate is a share of: passed, failed and timeout."""
        return self.passed + self.failed + self.timeout

    @property
    def pass_rate(self) -> Optional[float]:
        """From 0 to 1; None where nothing is decided. Show it by `show_share(passed, decided)`."""
        return self.passed / self.decided if self.decided else None


@dataclass(frozen=True)
class Spread:
    """How durations spread, percentiles by nearest rank; there is at least one duration."""

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
        """The arithmetic mean, to the nearest microsecond."""
        return (2 * self.total + self.count) // (2 * self.count)


@dataclass(frozen=True)
class Stages:
    """Where the time goes, over the transfers that have both ends of a stage."""

    ingress: Optional[Spread]  # start to end at ingress
    hand_over: Optional[Spread]  # end at ingress to start at egress
    egress: Optional[Spread]  # start to end at egress


@dataclass(frozen=True)
class Bucket:
    """One step of the time axis: the transfers that started in it."""

    start: int
    counts: Counts
    transit: Optional[Spread]  # of those that started in it and have ended
    in_flight: int  # transfers between start at ingress and end at egress when the step ends


@dataclass(frozen=True)
class Timeline:
    """The period, or as much of it as has passed, cut into at most 120 equal steps."""

    step: int
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True)
class Bin:
    """One bar of the histogram: durations of at least `low` and less than `high`."""

    low: int
    high: int
    count: int


@dataclass(frozen=True)
class Sla:
    """How many transit times kept the promise."""

    limit: int
    within: int  # transit times of at most `limit`
    ended: int  # all transit times
    overdue: int  # in progress or pending, and already older than `limit`


@dataclass(frozen=True)
class Transfers:
    """The first of some transfers, and how many there are in all."""

    total: int
    first: tuple[Tracked, ...]


@dataclass(frozen=True)
class Doubt:
    """One kind of doubtful data on one side."""

    kind: str  # of QUALITY
    side: str  # ingress or egress; "both" for what only a pair shows
    total: int
    first: tuple[
        Tracked, ...
    ]  # for a duplicate the row that does not count, as a transfer of its own


@dataclass(frozen=True)
class SentFiles:
    """The first of some sent files, and how many there are in all."""

    total: int
    first: tuple[SentFile, ...]


@dataclass(frozen=True)
class Reconciliation:
    """What fthg sent in the period, against what ingress saw."""

    accepted: int  # sent, and the server took it
    missing: SentFiles  # accepted, but never seen at ingress
    unconfirmed: Transfers  # seen at ingress, but failed, cancelled or unknown for the sender
    unexpected: Transfers  # at ingress in the period, but not sent by fthg


@dataclass(frozen=True)
class Figures:
    """Everything that a report says, but for the table of all transfers."""

    title: str
    start: int  # of the period, inclusive
    end: int  # of the period, exclusive
    snapshot: int  # when the databases were looked at
    running: bool  # True: written between polls, a later report replaces it
    grace: int
    ingress: Source
    egress: Source
    counts: Counts
    transit: Optional[Spread]  # over pairs with both ends; None where there are none
    sla: Optional[Sla]  # None where none is set
    timeline: Timeline
    histogram: tuple[Bin, ...]  # equally wide but for the last, which takes all above p99
    stages: Stages
    matrix: tuple[tuple[int, ...], ...]  # [ingress][egress], both in the order of STATUSES
    failures: Transfers  # failed and timeout, latest first
    unpaired_ingress: Transfers  # rows at ingress without a partner, oldest first
    unpaired_egress: Transfers  # rows at egress without a partner, oldest first
    slowest: tuple[Tracked, ...]  # longest transit first
    quality: tuple[Doubt, ...]  # only what was found, in the order of QUALITY
    sent: Optional[Reconciliation] = None  # None where no results file was given
    logo: Optional[str] = None  # path of an image file
    csv: Optional[str] = None  # path of the CSV with all transfers, where one is written


def _between(first: Optional[int], then: Optional[int]) -> Optional[int]:
    return None if first is None or then is None else then - first
