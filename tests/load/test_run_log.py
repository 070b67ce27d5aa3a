from __future__ import annotations

import logging

from fthg.load.plan import Plan
from fthg.load.run_log import log_beginning, log_end, log_outcomes
from fthg.slices import Slice

from .logged import logged
from .snapshots import job, job_snapshot, run_snapshot


def test_the_beginning_names_version_configuration_and_every_job() -> None:
    with logged(logging.INFO) as lines:
        log_beginning(Plan("r1", (job(),), slice=Slice(3, 10)), ["a.yaml", "b.yaml"])
    run, orders = lines
    assert (run.event, run.fields["configuration"]) == ("run began", "a.yaml, b.yaml")
    assert (run.fields["slice"], run.fields["jobs"]) == ("3/10", 1)
    assert run.fields["version"]
    assert (orders.event, orders.fields["job"]) == ("job began", "orders")
    assert orders.fields["url"] == "https://ingress.example.com/upload"
    assert (orders.fields["rate"], orders.fields["model"]) == ("10/s", "open")


def test_a_crossed_threshold_is_a_warning_and_the_end_names_status_and_reason() -> None:
    snapshot = run_snapshot(job_snapshot([]), thresholds=["ok > 0", "failed == 0"])
    with logged(logging.INFO) as lines:
        log_outcomes(snapshot)
        log_end(snapshot, 99)
    crossed, ended, run = lines
    assert (crossed.level, crossed.event) == (logging.WARNING, "threshold crossed")
    assert crossed.fields["threshold"] == "ok > 0"
    assert (ended.event, ended.fields["job"], ended.fields["ok"]) == ("job ended", "orders", 0)
    assert (run.event, run.fields["status"], run.fields["reason"]) == (
        "run ended",
        99,
        "as planned",
    )
    assert run.fields["lasted"] == 2.0
