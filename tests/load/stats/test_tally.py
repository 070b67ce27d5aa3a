from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.load.stats.metrics import Metrics
from fthg.load.stats.tally import Tally
from fthg.transfer import Result

from ..results_of import dropped, result

SOME = st.sampled_from([result(), result(outcome="failed", error="reset"), dropped()])


@given(st.lists(st.tuples(st.sampled_from("ab"), SOME), max_size=200), st.booleans())
def test_it_counts_as_if_each_result_had_been_counted_by_itself(
    results: list[tuple[str, Result]], looked_at: bool
) -> None:
    tally, alone = Tally(0), {"a": Metrics(0), "b": Metrics(0)}
    for job in alone:
        tally.add(job)
    for job, one in results:
        of_job = one._replace(job=job)
        tally.record(of_job)
        alone[job].record(of_job)
        if looked_at:
            assert tally.metrics()[job].scheduled == alone[job].scheduled
    for job, metrics in tally.metrics().items():
        assert metrics.figures(1.0, 1.0) == alone[job].figures(1.0, 1.0)
        assert metrics.more() == alone[job].more()


def test_a_job_may_be_added_later() -> None:
    tally = Tally(0)
    assert "orders" not in tally
    tally.add("orders")
    tally.record(result(job="orders"))
    assert len(tally) == 1
    assert tally.metrics()["orders"].scheduled == 1
