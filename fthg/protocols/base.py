"""The one interface between a job and a protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Optional

from ..clock import Clock
from ..transfer import Sent, Transfer

Options = Mapping[str, Any]
"""A job's keys as the schema read them: durations in seconds, sizes in bytes, defaults in."""


class Sender(ABC):
    """Sends the files of one job; it is shared by the job's greenlets and owns its connections.

    It never counts, retries, logs outcomes or sleeps: the job does that once for all protocols.
    """

    keys: ClassVar[Mapping[Any, Any]]
    """Its own configuration keys: a voluptuous schema, each with default and description."""

    max_in_flight: ClassVar[int] = 256
    """How many transfers of an open job may be outstanding, unless its configuration says."""

    default_connections: ClassVar[Optional[int]] = None
    """How many connections a job has, unless it says; None: as many as it has transfers."""

    @classmethod
    def check(cls, options: Options) -> Iterable[tuple[str, str]]:  # noqa: ARG003
        """Yield (key, reason) for keys that are each right but do not go together."""
        return ()

    @classmethod
    def overwrites(cls, options: Options) -> bool:  # noqa: ARG003
        """True if a file that is sent again replaces what it left at the server before."""
        return False

    @classmethod
    def cautions(cls, options: Options) -> Iterable[str]:  # noqa: ARG003
        """Yield what is told once, as a warning, before the job runs: checks that are off."""
        return ()

    @abstractmethod
    def __init__(self, options: Options, clock: Clock) -> None:
        """Read keys and certificates, touch no server; StartError names what is unusable."""

    @abstractmethod
    def send(self, transfer: Transfer) -> Sent:
        """Send one file and return once the server has taken it, within `timeout` in any case.

        May be killed at any moment, and then leaves no connection in an unknown state behind.
        Raises TransferError.
        """

    @abstractmethod
    def close(self) -> None:
        """End all connections within a second; transfers under way fail."""
