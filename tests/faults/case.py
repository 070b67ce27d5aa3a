"""One row of the bench: what happens to a job, when, and what may come of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from .observed import Observed
    from .world import World

PROTOCOLS = ("http", "https", "sftp")
MODELS = ("open", "closed")

Event = Callable[["World"], AbstractContextManager[object]]
"""Entered when it begins and left when it is over: the server is as before then."""

Promise = Callable[["Observed"], Iterable[str]]
"""Yields a sentence for each way in which it was broken."""

Kinds = Union[Collection[str], Mapping[str, Collection[str]]]
"""Kinds of error, or those of each protocol."""


def nothing(_world: World) -> AbstractContextManager[object]:
    """Nothing happens."""
    return nullcontext()


def _no_more(_seen: Observed) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Case:
    """One fault of one protocol in one model."""

    name: str
    protocol: str
    model: str
    event: Event
    kinds: frozenset[str] = frozenset()  # that failures may be of
    felt: bool = True  # at least one transfer must fail, else nothing was tested
    seconds: float = 2.0  # how long it lasts
    back_within: float = 5.0  # seconds from its end to the first success
    proxied: bool = False  # the job goes through world.proxy; else straight to the server
    keys: Mapping[str, Any] = field(default_factory=dict)  # of the job, beyond the usual ones
    stage: Event = nothing  # entered before fthg starts: it may change world.configuration,
    # world.prefix (words before the command), world.environment; left after fthg has ended
    workers: int = 1  # processes; what fthg holds is seen of their parent only
    status: int = 0  # that fthg must end with
    also: Promise = _no_more  # what is promised beyond that which is promised of every case
    fast: bool = False  # part of the test suite
    missing: Callable[[], str] = str  # why it cannot be run here; empty: it can

    def __str__(self) -> str:
        return f"{self.name}, {self.protocol} {self.model}"

    @property
    def whole(self) -> bool:
        """True if nothing may ever stand half written under its final name."""
        return self.protocol != "sftp" or bool(self.keys.get("atomic"))


def matrix(
    name: str,
    event: Event,
    kinds: Kinds = (),
    protocols: Collection[str] = PROTOCOLS,
    models: Collection[str] = MODELS,
    fast: Collection[str] = (),
    **more: Any,
) -> list[Case]:
    """A case for each protocol and model; `fast` names those of the test suite: `http open`."""
    return [
        Case(
            name,
            protocol,
            model,
            event,
            frozenset(kinds[protocol] if isinstance(kinds, Mapping) else kinds),
            fast=f"{protocol} {model}" in fast,
            **more,
        )
        for protocol in protocols
        for model in models
    ]
