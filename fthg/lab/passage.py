"""A file's way through the lab, and those who are told of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from ..clock import Clock

_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


class Passage(NamedTuple):
    """One file on its way through the lab."""

    uuid: str  # 36 characters, lower case
    filename: str  # without the UUID that some put before it
    protocol: str  # http, https or sftp


class Witness:
    """Is told of each file as it passes: what a database or a counter derives from.

    `utc` is nanoseconds since 1970, `status` is SUCCESS, FAILED or TIMEOUT. A file that is lost
    between the sides never enters egress.
    """

    def enters_ingress(self, passage: Passage, utc: int) -> None:
        """The first byte of the file is awaited."""

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:
        """The file has been received, or its sender broke off."""

    def enters_egress(self, passage: Passage, utc: int) -> None:
        """The far side begins to work on the file."""

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:
        """The file has reached its receiver, or has not."""


@dataclass
class Counts(Witness):
    """How many files came and went, for the closing words and for tests."""

    received: dict[str, int] = field(default_factory=dict[str, int])  # by protocol
    broken: int = 0  # the sender broke off
    refused: int = 0  # answered with an error, by chance
    cut: int = 0  # taken, and the answer withheld, by chance
    hung: int = 0  # never answered, by chance
    lost: int = 0  # between ingress and egress, by chance
    egress: dict[str, int] = field(default_factory=dict[str, int])  # by status

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:  # noqa: ARG002
        """Count the file under its protocol."""
        if status == "SUCCESS":
            self.received[passage.protocol] = self.received.get(passage.protocol, 0) + 1
        else:
            self.broken += 1

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:  # noqa: ARG002
        """Count the file under what became of it."""
        self.egress[status] = self.egress.get(status, 0) + 1


class Witnesses:
    """Tells all witnesses, with the time of the telling."""

    def __init__(self, clock: Clock, witnesses: Sequence[Witness]) -> None:
        self._clock = clock
        self._witnesses = witnesses

    def enters_ingress(self, passage: Passage) -> None:
        """Tell that a file begins to arrive."""
        utc = self._clock.utc()
        for witness in self._witnesses:
            witness.enters_ingress(passage, utc)

    def leaves_ingress(self, passage: Passage, status: str) -> None:
        """Tell that a file was received, or not."""
        utc = self._clock.utc()
        for witness in self._witnesses:
            witness.leaves_ingress(passage, utc, status)

    def enters_egress(self, passage: Passage) -> None:
        """Tell that the far side begins."""
        utc = self._clock.utc()
        for witness in self._witnesses:
            witness.enters_egress(passage, utc)

    def leaves_egress(self, passage: Passage, status: str) -> None:
        """Tell what became of a file."""
        utc = self._clock.utc()
        for witness in self._witnesses:
            witness.leaves_egress(passage, utc, status)


def identify(name: str, protocol: str, transfer_id: Optional[str] = None) -> Passage:
    """The passage of a file: its UUID from the id given, else from the name, else a new one.

    `{uuid}_report.pdf`, as senders name files to keep them apart, is recorded as `report.pdf`.
    """
    if transfer_id and _UUID.fullmatch(transfer_id.strip()):
        found: Optional[str] = transfer_id.strip()
    else:
        match = _UUID.search(name)
        found = match.group() if match else None
    plain = _UUID.sub("", name, count=1).lstrip("_-. ") or name
    return Passage(str(uuid.UUID(found) if found else uuid.uuid4()), plain, protocol)
