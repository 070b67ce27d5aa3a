"""Rows of what must delay nobody else: each is waited out once, and once ended by two SIGINT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..case import Case, Event, Kinds, Promise, matrix
from ..observed import NEIGHBOUR, Observed

LATEST = 1.0  # seconds that no start of another job may be late
_RATE = 10.0  # the neighbour's, per second
_SLACK = 0.3  # seconds from a start to the moment at which its file is stored
_MOST = 0.9  # of the files that were due: some are stored just after the fault


def undelayed(seen: Observed) -> Iterator[str]:
    """Check the starts of the neighbour, and what its server got from second to second."""
    late = [line["start"] - line["due"] for line in seen.results[NEIGHBOUR] if line["start"]]
    if late and max(late) > LATEST:
        yield f"a start of the neighbour was {max(late):.1f} s late"
    yield from arriving(_RATE)(seen)


def arriving(rate: float) -> Promise:
    """Check that the neighbour's files arrived at a rate, and without a gap, during the fault."""

    def promise(seen: Observed) -> Iterator[str]:
        during = [moment for moment in seen.moments if seen.began < moment < seen.over]
        edges = [seen.began, *during, seen.over]
        longest = max(after - before for before, after in zip(edges, edges[1:]))
        if longest > LATEST + 1 / rate + _SLACK:
            yield f"nothing of the neighbour arrived for {longest:.1f} s"
        due = rate * (seen.over - seen.began)
        if len(during) < _MOST * due - 1:
            yield f"of {due:.0f} files of the neighbour {len(during)} arrived during the fault"

    return promise


def both_ends(
    name: str,
    event: Event,
    kinds: Kinds = (),
    *,
    fast: str = "",
    unwritten: bool = False,
    **more: Any,
) -> list[Case]:
    """Return a row that waits for the end of the fault, and one that is interrupted in its middle.

    `fast` names those that are in the test suite: "waits", "interrupted", or both. With `unwritten`
    the second one may lack lines in its results.
    """
    second = {**more, "unwritten": unwritten, "fast": "interrupted" in fast}
    return [
        *waits(name, event, kinds, **{**more, "fast": "waits" in fast}),
        *interrupted(name, event, kinds, **second),
    ]


def waits(
    name: str, event: Event, kinds: Kinds = (), *, seconds: float = 3, **more: Any
) -> list[Case]:
    """Return the row that waits for the end of the fault."""
    return _row(name, event, kinds, seconds=seconds, **more)


def interrupted(name: str, event: Event, kinds: Kinds = (), **more: Any) -> list[Case]:
    """Return the row that two SIGINT end."""
    ends: dict[str, Any] = {"seconds": 2, "status": 130, "interrupted": True}
    return _row(f"{name}, two SIGINT", event, kinds, **{**more, **ends})


def _row(
    name: str,
    event: Event,
    kinds: Kinds,
    *,
    protocol: str = "http",
    fast: bool = False,
    also: Promise = undelayed,
    **more: Any,
) -> list[Case]:
    return matrix(
        name,
        event,
        kinds,
        protocols=(protocol,),
        models=("open",),
        fast=(f"{protocol} open",) if fast else (),
        felt=False,
        also=also,
        **more,
    )
