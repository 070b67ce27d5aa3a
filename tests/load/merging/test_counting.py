"""Counting: results that wait for others of their job are counted in the end, or when many wait."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.load.merging.counting import Basis, Counter
from fthg.load.plan import Plan
from fthg.results.recorded import Recorded
from tests.load.results_of import MS, result

BASIS = Basis(SECOND, {}, {})


def recorded(names: Sequence[str]) -> list[Recorded]:
    """A result of each job, in this order."""
    return [
        Recorded("r1", result(job=name, seq=seq, due=SECOND + seq * MS), "")
        for seq, name in enumerate(names)
    ]


def counted(counter: Counter) -> dict[str, int]:
    return {name: one.outcomes["ok"] for name, one in counter.counted.metrics.items()}


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=20)), st.integers(0, 30))
def test_every_result_is_counted_once_however_few_of_its_job_come_at_a_time(
    blocks: list[list[str]], held: int
) -> None:
    counter = Counter(Plan("", ()), BASIS, held)
    everything = recorded([name for block in blocks for name in block])
    read = 0
    for block in blocks:
        counter.count(everything[read : read + len(block)])
        read += len(block)
        assert read - held <= sum(counted(counter).values()) <= read
    counter.finish()
    names = [found.result.job for found in everything]
    assert counted(counter) == {name: names.count(name) for name in set(names)}
