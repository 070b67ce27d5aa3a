"""Results for tests: one arrival with everything right, to be changed where a test needs it."""

from __future__ import annotations

from typing import Any

from fthg.clock import SECOND
from fthg.transfer import Result

MS = SECOND // 1000


def result(**changes: Any) -> Result:
    """An ok transfer of 100 bytes, due at 1 s, started 1 ms late, that took 20 ms."""
    usual = Result(
        job="orders",
        seq=0,
        uuid="6f1c9a52-7f0e-4c55-9d9e-0d7d3c7a5a10",
        name="a.txt",
        size=100,
        outcome="ok",
        due=SECOND,
        start=SECOND + MS,
        end=SECOND + 21 * MS,
        code=200,
        bytes=100,
        phases={"sending": 0.005, "waiting": 0.015},
    )
    return usual._replace(**changes)


def dropped(**changes: Any) -> Result:
    """An arrival for which there was no room."""
    return result(outcome="dropped", start=None, end=None, code=None, bytes=0, phases={}, **changes)
