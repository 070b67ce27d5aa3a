"""The targets of the fuzzers, fed by hypothesis: the part that runs everywhere."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
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


def fed(target: str) -> st.SearchStrategy[tuple[str, bytes]]:
    """Return a strategy for inputs of this target."""
    return st.tuples(st.just(target), spliced(target))


@settings(max_examples=len(TARGETS) * settings().max_examples)
@given(st.sampled_from(list(TARGETS)).flatmap(fed))
@example(("config", b"run:\n"))
def test_a_target_takes_any_bytes(pair: tuple[str, bytes]) -> None:
    target, data = pair
    TARGETS[target](data)
