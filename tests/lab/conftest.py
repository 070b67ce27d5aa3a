from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Callable

import pytest

from fthg.clock import Clock
from fthg.lab.practice import Lab
from fthg.lab.settings import Settings

OpenLab = Callable[..., Lab]


@pytest.fixture
def open_lab() -> Iterator[OpenLab]:
    """Return a function that opens a lab, which is closed at the end of the test."""
    with ExitStack() as labs:

        def opened(*observers: Any, **settings: Any) -> Lab:
            quick = {"samples": 3, "processing": (0.0, 0.0), "seed": 1, **settings}
            return labs.enter_context(Lab(Settings(**quick), Clock(), observers))

        yield opened
