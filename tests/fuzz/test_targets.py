"""The targets of the fuzzers, fed by hypothesis: the part that runs everywhere."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .seeds import SEEDS, words
from .targets import TARGETS


def spliced(target: str) -> st.SearchStrategy[bytes]:
    """Pieces of the seeds in any order, with anything between them."""
    pieces = [piece for seed in SEEDS[target] for piece in seed.splitlines(keepends=True)[:40]]
    some = st.sampled_from([*pieces, *words(target)]) | st.binary(max_size=8)
    return st.lists(some, max_size=12).map(b"".join)


def test_there_are_seeds_for_every_target() -> None:
    assert list(SEEDS) == list(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_takes_its_seeds_and_all_their_beginnings(target: str) -> None:
    for seed in SEEDS[target]:
        for end in {len(seed), *range(0, len(seed), 1 + len(seed) // 40)}:
            TARGETS[target](seed[:end])


@pytest.mark.parametrize("target", TARGETS)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(data=st.data())
def test_a_target_takes_whatever_comes(target: str, data: st.DataObject) -> None:
    TARGETS[target](data.draw(spliced(target)))
