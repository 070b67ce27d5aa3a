"""Uploads that a server leads elsewhere by each kind of redirect, and which it then refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ..case import Case, Event, matrix
from ..observed import TARGET
from ..world import World
from .servers import stopped


@contextmanager
def _led(world: World, code: int) -> Iterator[None]:
    keys = world.configuration["jobs"][TARGET]
    keys["url"] = keys["url"].replace("/{uuid}", f"/{code}/{{uuid}}")
    yield


def led(code: int) -> Event:
    """Return the stage in which the server answers with this status first."""
    return partial(_led, code=code)


CASES: list[Case] = [
    case
    for code in (301, 302, 307, 308)
    for case in matrix(
        f"redirected by {code}, server stopped",
        stopped,
        ("refused", "reset"),
        protocols=("http", "https"),
        models=("open",),
        stage=led(code),
        keys={"follow_redirects": True},
        back_within=2.0,
    )
]
