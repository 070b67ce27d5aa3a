"""Jobs of which some slices have no part equal the whole, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .divided import Target, divided
from .equality import check_that_they_are_equal, written


@pytest.mark.parametrize("slices", [3, 7, 100])
@pytest.mark.parametrize(
    "keys",
    [
        {"connections": 5},
        {"max_in_flight": 60},
        {"model": "closed", "senders": 60},
        {"repeat": "once", "min_age": "1h"},
        {"template": "true", "match": "[1-4]*"},
    ],
    ids=lambda keys: next(iter(keys)),
)
def test_a_job_with_fewer_parts_than_slices_misses_nothing(
    tmp_path: Path, keys: dict[str, Any], slices: int
) -> None:
    jobs = [{"rate": "3/s", "files": "files", **keys} for _ in range(3)]
    config = written(tmp_path, jobs)
    target = Target(away=[(4, 7)])
    whole = divided(config, tmp_path / "whole", target=target)
    parts = divided(config, tmp_path / "parts", slices, 2, target)
    check_that_they_are_equal(whole, parts)
    assert parts.figures()["total"]["missing"] in (0, None)
