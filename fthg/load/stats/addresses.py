"""Transfers counted by the address of the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...transfer import Result
from .commonest import Commonest

_ADDRESSES = 100
_LENGTH = 64  # characters: more than an IPv6 address with its zone has


class Addresses(Commonest[str]):
    """Counts of transfers, whatever their outcome, by the address that they went to."""

    def __init__(self) -> None:
        super().__init__(_ADDRESSES)

    def count(self, results: Sequence[Result]) -> None:
        """Count the results that have a connection."""
        remotes = [result.peer.remote for result in results if result.peer is not None]
        for remote, times in Counter(remotes).items():
            self.record(_without_port(remote), times)


def _without_port(remote: str) -> str:
    return (remote.rpartition(":")[0] or remote).strip("[]")[:_LENGTH]
