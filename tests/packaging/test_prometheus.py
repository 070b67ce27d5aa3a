"""The examples for Prometheus and Grafana, judged by promtool."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers.prometheus import promtool

EXAMPLES = Path(__file__).parents[2] / "packaging/examples/prometheus"


@pytest.mark.parametrize(
    "words",
    [("check", "config", "scrape.yml"), ("check", "rules", "alerts.yml")],
    ids=["scrape.yml", "alerts.yml"],
)
def test_prometheus_accepts_them(words: tuple[str, ...]) -> None:
    done = promtool(*words[:-1], str(EXAMPLES / words[-1]))
    assert done.returncode == 0, done.stdout


def test_alerts_are_raised_when_they_should_be_and_only_then() -> None:
    done = promtool("test", "rules", str(EXAMPLES / "alerts.test.yml"))
    assert done.returncode == 0, done.stdout


def test_each_alert_has_a_test() -> None:
    rules = yaml.safe_load((EXAMPLES / "alerts.yml").read_text())
    alerts = {
        rule["alert"] for group in rules["groups"] for rule in group["rules"] if "alert" in rule
    }
    tests = yaml.safe_load((EXAMPLES / "alerts.test.yml").read_text())["tests"]
    raised = {
        case["alertname"]
        for test in tests
        for case in test["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert alerts == raised


def test_the_discovery_of_pods_is_one_more_job_once_its_lines_are_no_comments() -> None:
    # Debian's promtool knows no kubernetes_sd_configs.
    text = (EXAMPLES / "scrape.yml").read_text()
    lines = [line.replace("  #- ", "  - ").replace("  #  ", "    ") for line in text.splitlines()]
    jobs = yaml.safe_load("\n".join(lines))["scrape_configs"]
    assert [job["job_name"] for job in jobs] == ["fthg", "fthg-runs", "fthg-pods"]
    assert all({"source_labels"} < set(rule) for rule in jobs[-1]["relabel_configs"])


def test_the_list_of_targets_is_one_that_file_discovery_reads() -> None:
    (entry,) = yaml.safe_load((EXAMPLES / "targets.yml").read_text())
    assert all(target.endswith(":9464") for target in entry["targets"])


def test_the_dashboard_has_what_grafana_needs() -> None:
    board: dict[str, Any] = json.loads((EXAMPLES / "fthg.json").read_text())
    assert board["schemaVersion"] >= 36
    variables = {one["name"]: one for one in board["templating"]["list"]}
    assert list(variables) == ["datasource", "run", "fthg_job"]
    assert variables["datasource"]["type"] == "datasource"
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in board["panels"]:
        assert panel["title"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            assert target["expr"]


def test_no_panels_of_the_dashboard_overlap() -> None:
    board = json.loads((EXAMPLES / "fthg.json").read_text())
    taken = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
