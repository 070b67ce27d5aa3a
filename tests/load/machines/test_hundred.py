"""A hundred slices that together send thousands a second."""

from __future__ import annotations

import os
from pathlib import Path

from .divided import Target, divided
from .equality import check_that_they_are_equal, written

SECONDS = int(os.environ.get("FTHG_TEST_SECONDS", "1"))
"""Of 10,000 arrivals each."""


def test_a_hundred_slices_at_ten_thousand_a_second_equal_the_whole(tmp_path: Path) -> None:
    job = {
        "rate": "10000/s",
        "files": {"generate": {"size": "1 to 300", "name": "order-{seq}.dat"}},
        "max_in_flight": 100_000,
    }
    config = written(tmp_path, [job], duration=f"{SECONDS}s")
    target = Target(away=[(0.3, 0.6)])
    whole = divided(config, tmp_path / "whole", target=target)
    parts = divided(config, tmp_path / "parts", 100, target=target)
    assert len(whole.lines()) == 10_000 * SECONDS
    check_that_they_are_equal(whole, parts)
