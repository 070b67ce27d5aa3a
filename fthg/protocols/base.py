"""The interface between a job and a protocol."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Optional

from ..clock import Clock
from ..transfer import Sent, Transfer
from .options import Options


class Sender(ABC):
    """Sends the files of one job; it is shared by the job's greenlets and owns its connections.

    It never counts, retries, logs outcomes or sleeps: the job does that once for all protocols.
    """

    keys: ClassVar[Mapping[Any, Any]]
    """Its own configuration keys: a voluptuous schema, each with default and description."""

    options_type: ClassVar[type[Options]] = Options
    """The class of its options: `keys` and those that every protocol has, typed."""

    max_in_flight: ClassVar[int] = 256
    """The default of `max_in_flight`: the most transfers of an open job that may be outstanding."""

    default_connections: ClassVar[Optional[int]] = None
    """The default of `connections`; None: as many as there may be transfers."""

    @abstractmethod
    def __init__(self, options: Options, clock: Clock) -> None:
        """Read keys and certificates, connect to no server; StartError says what is unusable.

        `options` are of `options_type`.
        """

    @abstractmethod
    def send(self, transfer: Transfer) -> Sent:
        """Send one file and return once the server has taken it, within `timeout` in any case.

        May be killed at any moment, and then leaves no connection in an unknown state behind.
        Raises TransferError.
        """

    @abstractmethod
    def close(self) -> None:
        """End all connections within a second; transfers under way fail."""
