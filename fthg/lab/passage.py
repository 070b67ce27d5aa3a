"""The way of a file through the lab, and the observers of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from ..clock import Clock

_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


class Passage(NamedTuple):
    """One file on its way through the lab."""

    uuid: str  # 36 characters, lower case
    filename: str  # without a UUID before it
    protocol: str  # http, https or sftp


class Observer:
    """An observer of all files, such as a database table or a counter.

    `utc` is nanoseconds since 1970, `status` is SUCCESS, FAILED or TIMEOUT. A file that is lost
    between the sides never enters egress.
    """

    def enters_ingress(self, passage: Passage, utc: int) -> None:
        """Record that a client has announced the file."""

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:
        """Record that the file was received, or that its sender aborted."""

    def enters_egress(self, passage: Passage, utc: int) -> None:
        """Record that egress starts to process the file."""

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:
        """Record that the file was delivered, or was not."""


@dataclass
class Counts(Observer):
    """The numbers of files, for the closing message and for tests."""

    received: dict[str, int] = field(default_factory=dict[str, int])  # by protocol
    aborted: int = 0  # by the sender
    refused: int = 0  # answered with an error, at random
    cut: int = 0  # received, and the answer withheld, at random
    hung: int = 0  # never answered, at random
    lost: int = 0  # between ingress and egress, at random
    egress: dict[str, int] = field(default_factory=dict[str, int])  # by status

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:  # noqa: ARG002
        """Count the file under its protocol."""
        if status == "SUCCESS":
            self.received[passage.protocol] = self.received.get(passage.protocol, 0) + 1
        else:
            self.aborted += 1

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:  # noqa: ARG002
        """Count the file under its status."""
        self.egress[status] = self.egress.get(status, 0) + 1


class Observers:
    """All observers, each called with the time of the event."""

    def __init__(self, clock: Clock, observers: Sequence[Observer]) -> None:
        self._clock = clock
        self._observers = observers

    def enters_ingress(self, passage: Passage) -> None:
        """Notify them that a client has announced a file."""
        self._notify(lambda observer, utc: observer.enters_ingress(passage, utc))

    def leaves_ingress(self, passage: Passage, status: str) -> None:
        """Notify them that a file was received, or was not."""
        self._notify(lambda observer, utc: observer.leaves_ingress(passage, utc, status))

    def enters_egress(self, passage: Passage) -> None:
        """Notify them that egress starts to process a file."""
        self._notify(lambda observer, utc: observer.enters_egress(passage, utc))

    def leaves_egress(self, passage: Passage, status: str) -> None:
        """Notify them that a file was delivered, or was not."""
        self._notify(lambda observer, utc: observer.leaves_egress(passage, utc, status))

    def _notify(self, event: Callable[[Observer, int], None]) -> None:
        utc = self._clock.utc()
        for observer in self._observers:
            event(observer, utc)


def identify(name: str, protocol: str, transfer_id: Optional[str] = None) -> Passage:
    """Return the passage of a file, with the UUID of the id or the name, else a new one.

    `{uuid}_report.pdf`, a name that senders use to make it unique, is recorded as `report.pdf`.
    """
    if transfer_id and _UUID.fullmatch(transfer_id.strip()):
        found: Optional[str] = transfer_id.strip()
    else:
        match = _UUID.search(name)
        found = match.group() if match else None
    plain = _UUID.sub("", name, count=1).lstrip("_-. ") or name
    return Passage(str(uuid.UUID(found) if found else uuid.uuid4()), plain, protocol)
