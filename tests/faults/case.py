"""One case of the bench: a fault of a job, and the results that are allowed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

from .servers import Server

if TYPE_CHECKING:
    from .observed import Observed
    from .world import World

PROTOCOLS = ("http", "https", "sftp")
MODELS = ("open", "closed")

Event = Callable[["World"], AbstractContextManager[object]]
"""Entered when the fault starts and left when it ends, with everything as before."""

Promise = Callable[["Observed"], Iterable[str]]
"""A check that yields a sentence for each violation."""

Kinds = Union[Collection[str], Mapping[str, Collection[str]]]
"""Error kinds, or those of each protocol."""


def nothing(_world: World) -> AbstractContextManager[object]:
    """Return an event that does nothing."""
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
    kinds: frozenset[str] = frozenset()  # of failures that are allowed
    felt: bool = True  # whether at least one transfer must fail
    seconds: float = 2.0  # duration of the fault
    back_within: float = 5.0  # seconds from the end of the fault to the first success
    proxied: bool = False  # whether the job goes through world.proxy
    keys: Mapping[str, Any] = field(default_factory=dict)  # additional keys of the job
    target: Optional[Callable[[Path], Server]] = None  # makes another server than the usual one
    stage: Event = nothing  # entered before fthg starts: it may change world.configuration,
    # world.prefix (words before the command), world.environment; left after fthg has ended
    workers: int = 1  # processes; only the vitals of their parent are checked
    status: int = 0  # exit status of fthg
    interrupted: bool = False  # whether two SIGINT end fthg before the fault is over
    unwritten: bool = False  # whether results may then be missing in their file
    also: Promise = _no_more  # checks in addition to those of every case
    fast: bool = False  # part of the test suite
    missing: Callable[[], str] = str  # the reason why it cannot run here, if there is one

    def __str__(self) -> str:
        return f"{self.name}, {self.protocol} {self.model}"

    @property
    def whole(self) -> bool:
        """Return True if no file may ever be incomplete under its final name."""
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
    """Return a case for each protocol and model; `fast` ones are in the test suite."""
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
