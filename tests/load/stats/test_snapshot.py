from __future__ import annotations

from fthg.load.stats.snapshot import TOTAL

from ..ends import job_end, limits, run_end
from ..results_of import dropped, result


def test_the_total_adds_counts_and_rates() -> None:
    run = run_end(
        job_end([result()] * 10, name="a"),
        job_end([result()] * 5 + [dropped()] * 5, name="b"),
    )
    total = run.figures().total
    assert (total["scheduled"], total["ok"], total["dropped"]) == (20, 15, 5)
    assert (total["target_rate"], total["achieved_rate"]) == (20.0, 15.0)
    assert total["service_time"]["mean"] == 0.02


def test_the_total_has_no_target_if_a_job_has_none() -> None:
    run = run_end(job_end([result()], name="a"), job_end([result()], name="b", rate=None))
    assert run.figures().total["target_rate"] is None


def test_thresholds_are_judged_where_they_stand() -> None:
    run = run_end(
        job_end([dropped()], name="a", limits=limits("dropped == 0")),
        job_end([result()], name="b", limits=limits("ok == 1", "failed < 1%")),
        thresholds=["scheduled == 2"],
    )
    verdicts = run.verdicts(run.figures())
    assert {name: [v.ok for v in judged] for name, judged in verdicts.items()} == {
        "a": [False],
        "b": [True, True],
        TOTAL: [True],
    }
