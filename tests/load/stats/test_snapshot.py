from __future__ import annotations

from fthg.load.stats.snapshot import TOTAL

from ..results_of import dropped, result
from ..snapshots import job_snapshot, limits, run_snapshot


def test_the_total_adds_counts_and_rates() -> None:
    run = run_snapshot(
        job_snapshot([result()] * 10, name="a"),
        job_snapshot([result()] * 5 + [dropped()] * 5, name="b"),
    )
    total = run.figures.total
    assert (total["scheduled"], total["ok"], total["dropped"]) == (20, 15, 5)
    assert (total["target_rate"], total["achieved_rate"]) == (20.0, 15.0)
    assert total["service_time"]["mean"] == 0.02


def test_the_total_has_no_target_if_a_job_has_none() -> None:
    run = run_snapshot(
        job_snapshot([result()], name="a"), job_snapshot([result()], name="b", rate=None)
    )
    assert run.figures.total["target_rate"] is None


def test_thresholds_are_judged_where_they_stand() -> None:
    run = run_snapshot(
        job_snapshot([dropped()], name="a", limits=limits("dropped == 0")),
        job_snapshot([result()], name="b", limits=limits("ok == 1", "failed < 1%")),
        thresholds=["scheduled == 2"],
    )
    verdicts = run.verdicts
    assert {name: [v.ok for v in judged] for name, judged in verdicts.items()} == {
        "a": [False],
        "b": [True, True],
        TOTAL: [True],
    }


def test_only_crossed_thresholds_are_crossed() -> None:
    run = run_snapshot(job_snapshot([result()], limits=limits("ok == 1", "ok == 2")))
    assert [verdict.threshold.text for verdict in run.crossed] == ["ok == 2"]


def test_a_run_without_jobs_has_a_total_of_nothing() -> None:
    snapshot = run_snapshot()
    assert snapshot.figures.total["scheduled"] == 0
    assert snapshot.utc(0) == snapshot.started
    assert not snapshot.crossed
