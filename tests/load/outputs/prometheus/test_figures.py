from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from fthg.errors import KINDS
from fthg.load.outputs.prometheus.figures import FAMILIES, Figures
from fthg.load.stats.job_snapshot import JobSnapshot
from fthg.load.stats.outages import Outage
from fthg.load.stats.snapshot import RunSnapshot
from fthg.log import Masks
from fthg.slices import Slice
from fthg.transfer import OUTCOMES

from ...results_of import dropped, result
from ...snapshots import job, job_snapshot, limits, run_snapshot, running_job, stages


def text(run: RunSnapshot, *outages: Outage, secrets: tuple[str, ...] = ()) -> str:
    figures = Figures(run.plan, Masks(secrets))
    for outage in outages:
        figures.outage(outage)
    return figures.text(run, [figures.job(run, one) for one in run.jobs])


def values(run: RunSnapshot, *outages: Outage) -> dict[str, str]:
    lines = [line for line in text(run, *outages).splitlines() if not line.startswith("#")]
    found = {line.rpartition(" ")[0]: line.rpartition(" ")[2] for line in lines}
    assert len(found) == len(lines)  # no series twice
    return found


def of_slice(snapshot: JobSnapshot, slice_: Slice) -> JobSnapshot:
    return replace(snapshot, job=replace(snapshot.job, slice=slice_))


def test_every_outcome_and_every_error_is_there_from_the_start() -> None:
    found = values(run_snapshot(running_job()))
    for outcome in OUTCOMES:
        assert found[f'fthg_transfers_total{{fthg_job="orders",outcome="{outcome}"}}'] == "0"
    for kind in KINDS:
        assert found[f'fthg_transfer_errors_total{{fthg_job="orders",error="{kind}"}}'] == "0"


def test_transfers_bytes_and_times_are_those_of_the_snapshot() -> None:
    failed = result(outcome="failed", error="reset", bytes=40)
    found = values(run_snapshot(running_job([result(), result(), failed, dropped()])))
    assert found['fthg_transfers_total{fthg_job="orders",outcome="ok"}'] == "2"
    assert found['fthg_transfers_total{fthg_job="orders",outcome="dropped"}'] == "1"
    assert found['fthg_transfer_errors_total{fthg_job="orders",error="reset"}'] == "1"
    assert found['fthg_sent_bytes_total{fthg_job="orders"}'] == "240"
    assert found['fthg_in_flight{fthg_job="orders"}'] == "3"
    assert found['fthg_response_time_seconds_bucket{fthg_job="orders",le="0.02"}'] == "0"
    assert found['fthg_response_time_seconds_bucket{fthg_job="orders",le="0.03"}'] == "2"
    assert found['fthg_response_time_seconds_sum{fthg_job="orders"}'] == "0.042"
    assert found['fthg_service_time_seconds_count{fthg_job="orders"}'] == "2"
    assert found['fthg_lateness_seconds_count{fthg_job="orders"}'] == "3"


def test_the_target_is_that_of_the_moment_and_of_this_slice() -> None:
    ramp = replace(running_job(), job=job(pacer=stages("10/s for 5s, 30/s for 1m")))
    name = 'fthg_target_rate{fthg_job="orders"}'
    assert values(run_snapshot(ramp))[name] == "30.0"
    assert values(run_snapshot(of_slice(ramp, Slice(1, 4))))[name] == "7.5"


def test_a_job_that_waits_or_has_ended_has_the_target_0_and_max_has_none() -> None:
    name = 'fthg_target_rate{fthg_job="orders"}'
    for state in ("waiting", "stopping", "done"):
        assert values(run_snapshot(running_job(state=state)))[name] == "0.0"
    assert name not in values(run_snapshot(running_job(rate=None)))


def test_the_targets_of_all_slices_add_up() -> None:
    for of in (1, 3, 7):
        targets = [
            of_slice(running_job(rate=Fraction(21)), Slice(part, of)).target_now or 0
            for part in range(of)
        ]
        assert sum(targets) == 21


def test_an_outage_counts_once_and_shows_until_it_ends() -> None:
    began = Outage("orders", 0, 1, None, {"reset": 5})
    ended = began._replace(end=2)
    count, now = ('fthg_outages_total{fthg_job="orders"}', 'fthg_outage{fthg_job="orders"}')
    run = run_snapshot(running_job())
    for outages, expected in (
        ((), ("0", "0")),
        ((began,), ("1", "1")),
        ((began, ended), ("1", "0")),
        ((began, ended, began), ("2", "1")),
    ):
        found = values(run, *outages)
        assert (found[count], found[now]) == expected


def test_thresholds_of_jobs_and_of_the_run_are_judged_once_they_have_a_value() -> None:
    judged = job_snapshot([result()], limits=limits("ok > 5", "failed == 0", "failed == 0"))
    run = run_snapshot(judged, thresholds=["failed < 1%", "response_time_failed p95 < 1s"])
    found = {name: ok for name, ok in values(run).items() if "threshold_ok" in name}
    assert found == {
        'fthg_threshold_ok{fthg_job="orders",threshold="ok > 5"}': "0",
        'fthg_threshold_ok{fthg_job="orders",threshold="failed == 0"}': "1",
        'fthg_threshold_ok{threshold="failed < 1%"}': "1",
    }


def test_the_run_has_its_id_slice_and_number_of_slices() -> None:
    run = run_snapshot(running_job())
    sliced = replace(run, plan=replace(run.plan, slice=Slice(3, 10)))
    assert 'fthg_run_info{run="r1",slice="3/10",version="' in text(sliced)
    assert values(sliced)["fthg_slices"] == "10"
    assert values(run)["fthg_slices"] == "1"


def test_secrets_in_names_are_masked() -> None:
    run = run_snapshot(running_job(name="partner-hunter2-x"))
    assert "hunter2" not in text(run, secrets=("hunter2",))


def test_names_that_differ_only_in_a_secret_stay_apart() -> None:
    run = run_snapshot(running_job(name="to-hunter2"), running_job(name="to-swordfish"))
    found = text(run, secrets=("hunter2", "swordfish"))
    assert 'fthg_in_flight{fthg_job="to-*** #1"} 3\n' in found
    assert 'fthg_in_flight{fthg_job="to-*** #2"} 3\n' in found


def test_each_family_has_help_and_type_once_and_the_label_is_never_job() -> None:
    found = text(run_snapshot(running_job([result(job="a")], name="a"), running_job(name="b")))
    for family in FAMILIES:
        assert found.count(f"# HELP {family.name} ") == 1
        assert found.count(f"# TYPE {family.name} {family.type}\n") == 1
    assert "{job=" not in found
    assert ",job=" not in found
