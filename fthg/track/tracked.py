"""One transfer as both databases and fthg know it, frozen.

Times are integer microseconds since 1970-01-01 UTC, durations integer microseconds.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

SECOND = 1_000_000


class Row(NamedTuple):
    """One row of one database."""

    uuid: Optional[str]  # 36 characters in lower case; a malformed one as in the row
    filename: Optional[str]
    start: Optional[int]
    end: Optional[int]  # None while the transfer is in progress
    status: Optional[str]  # as in the row; None while in progress

    @property
    def duration(self) -> Optional[int]:
        """Return the time from start to end; None until both are known."""
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
    """One transfer: its rows at ingress and egress, at least one of them, and the sent file."""

    result: str  # of outcomes.RESULTS
    ingress: Optional[Row]
    egress: Optional[Row]
    sent: Optional[SentFile] = None

    @property
    def uuid(self) -> Optional[str]:
        """Return the UUID that both rows have."""
        return self._some.uuid

    @property
    def filename(self) -> Optional[str]:
        """Return the name at ingress, else at egress."""
        return self._some.filename or (self.egress.filename if self.egress else None)

    @property
    def start(self) -> Optional[int]:
        """Return the start at ingress, else at egress; it decides if the period includes it."""
        if self.ingress and self.ingress.start is not None:
            return self.ingress.start
        return self.egress.start if self.egress else None

    @property
    def hand_over(self) -> Optional[int]:
        """Return the time from end at ingress to start at egress; negative if they overlap."""
        return _between(self.ingress and self.ingress.end, self.egress and self.egress.start)

    @property
    def transit(self) -> Optional[int]:
        """Return the time from start at ingress to end at egress; negative if clocks differ."""
        return _between(self.ingress and self.ingress.start, self.egress and self.egress.end)

    @property
    def delivery(self) -> Optional[int]:
        """Return the time from the start of sending to the end at egress."""
        return _between(self.sent and self.sent.start, self.egress and self.egress.end)

    @property
    def throughput(self) -> Optional[int]:
        """Return bytes per second over `delivery`; None unless that is above zero."""
        if self.sent is None or self.sent.size is None or not self.delivery or self.delivery < 0:
            return None
        return self.sent.size * SECOND // self.delivery

    def age(self, now: int) -> Optional[int]:
        """Return the age of a row without a partner: since its end, else since its start."""
        since = self._some.end if self._some.end is not None else self._some.start
        return _between(since, now)

    @property
    def _some(self) -> Row:
        row = self.ingress or self.egress
        assert row is not None  # noqa: S101 — the ledger makes no transfer without a row
        return row


def _between(first: Optional[int], then: Optional[int]) -> Optional[int]:
    return None if first is None or then is None else then - first
