"""Runs that a real Prometheus scrapes: four slices at once, and one run with two workers."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.packaging.test_prometheus import EXAMPLES
from tests.servers import free_port
from tests.servers.inventory import inventory
from tests.servers.nginx import nginx
from tests.servers.prometheus import Prometheus, promtool, running

from .program import end, fthg, start

SLICES = 4
FILES, FAILURES = 400, 320

_JOBS = """
defaults: {{files: files, method: PUT, thresholds: [failed < 1%]}}
jobs:
  orders: {{url: "{url}/{{uuid}}", rate: "50/s for 8s, 0/s for 1h"}}
  refused: {{url: "http://127.0.0.1:1/", rate: "40/s for 8s, 0/s for 1h"}}
"""
_CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: fthg
    static_configs: [{{targets: {targets}}}]
"""
_direct = build_opener(ProxyHandler({}))


class Scraped(NamedTuple):
    """The data of Prometheus and the server on both runs."""

    prometheus: Prometheus
    at: float  # Unix time at which all files were sent, and scraped
    texts: list[str]  # that one slice and the run with workers exposed then
    received: dict[str, int]  # files by run

    def numbers(self, expression: str, *by: str) -> dict[tuple[str, ...], float]:
        """Return the values of an expression by some of its labels."""
        return self.prometheus.numbers(expression, self.at, *by)


def read(port: int) -> str:
    with _direct.open(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        body: bytes = answer.read()
    return body.decode()


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    home = tmp_path_factory.mktemp("scraped")
    (home / "files").mkdir()
    (home / "files" / "a").write_text("a" * 100)
    ports = [free_port() for _ in range(SLICES + 1)]
    targets = json.dumps([f"127.0.0.1:{port}" for port in ports])
    config = _CONFIG.format(rules=EXAMPLES / "alerts.yml", targets=targets)
    with ExitStack() as stack:
        web = stack.enter_context(nginx(home / "web"))
        prometheus = stack.enter_context(running(home / "prometheus", config))
        for run in ("sliced", "whole"):
            (home / f"{run}.yaml").write_text(_JOBS.format(url=f"{web.url}/{run}"))
        for words in commands(ports):
            process = start(*words, "-qq", cwd=home)
            stack.callback(end, process)
            stack.callback(process.terminate)
        prometheus.wait_for(f"sum(fthg_transfers_total) == {2 * (FILES + FAILURES)}", 60)
        at = time.time()
        prometheus.wait_for(f"max(timestamp(run:fthg_slices:max)) > {at + 1}")
        received = {
            run: len(inventory(web.directory / "files" / run)) for run in ("sliced", "whole")
        }
        yield Scraped(prometheus, at + 1, [read(ports[0]), read(ports[-1])], received)


def commands(ports: list[int]) -> Iterator[list[str]]:
    """Yield the arguments of four slices of one run, and of one run with workers."""
    for part, port in enumerate(ports[:SLICES]):
        slice_ = ["--run", "sliced", "--slice", f"{part}/{SLICES}", "--metrics", str(port)]
        yield ["-c", "sliced.yaml", *slice_]
    whole = ["--run", "whole", "--workers", "2", "--metrics", str(ports[SLICES])]
    yield ["-c", "whole.yaml", *whole]


def by_run(metric: str) -> str:
    return f"sum by (run) ({metric} * on (job, instance) group_left (run) fthg_run_info)"


def test_the_sum_over_all_slices_is_what_the_server_received(scraped: Scraped) -> None:
    received = {(run,): float(count) for run, count in scraped.received.items()}
    assert all(count > 0.9 * FILES for count in received.values())  # a busy host may drop some
    found = scraped.numbers(by_run('fthg_transfers_total{outcome="ok"}'), "run")
    assert found == received
    found = scraped.numbers(by_run('fthg_sent_bytes_total{fthg_job="orders"}'), "run")
    assert found == {run: 100 * count for run, count in received.items()}


def test_every_arrival_has_an_outcome_and_every_failure_an_error(scraped: Scraped) -> None:
    found = scraped.numbers(by_run("fthg_transfers_total"), "run")
    assert found == dict.fromkeys([("sliced",), ("whole",)], FILES + FAILURES)
    failed = scraped.numbers(by_run('fthg_transfers_total{outcome="failed"}'), "run")
    assert all(count > 0.9 * FAILURES for count in failed.values())
    errors = by_run('fthg_transfer_errors_total{error="refused",fthg_job="refused"}')
    assert scraped.numbers(errors, "run") == failed


def test_the_counts_of_times_are_those_of_transfers(scraped: Scraped) -> None:
    ok = scraped.numbers('sum(fthg_transfers_total{outcome="ok"})')
    for time_ in ("response_time", "service_time"):
        assert scraped.numbers(f"sum(fthg_{time_}_seconds_count)") == ok
    sent = scraped.numbers('sum(fthg_transfers_total{outcome=~"ok|failed"})')
    assert scraped.numbers("sum(fthg_lateness_seconds_count)") == sent


def test_each_slice_is_there_with_its_name_and_with_its_share_of_the_target(
    scraped: Scraped,
) -> None:
    found = scraped.numbers("fthg_run_info", "run", "slice")
    parts = [("sliced", f"{part}/{SLICES}") for part in range(SLICES)]
    assert found == dict.fromkeys([*parts, ("whole", "0/1")], 1)
    most = scraped.numbers('max_over_time(fthg_target_rate{fthg_job="orders"}[1m])', "instance")
    assert sorted(most.values()) == [12.5, 12.5, 12.5, 12.5, 50]


def test_no_series_ever_went_backwards(scraped: Scraped) -> None:
    for metric in (
        "fthg_transfers_total",
        "fthg_transfer_errors_total",
        "fthg_response_time_seconds_bucket",
        "fthg_lateness_seconds_sum",
        "process_cpu_seconds_total",
    ):
        assert scraped.numbers(f"max(resets({metric}[1m]))") == {(): 0}, metric


def test_an_outage_is_counted_and_shown_while_it_is_under_way(scraped: Scraped) -> None:
    found = scraped.numbers("max by (fthg_job) (fthg_outage)", "fthg_job")
    assert found == {("orders",): 0, ("refused",): 1}
    assert scraped.numbers('fthg_outages_total{fthg_job="refused"} < 1') == {}


def test_thresholds_are_judged_where_the_run_is_whole(scraped: Scraped) -> None:
    found = scraped.numbers(
        "fthg_threshold_ok * on (instance) group_left (run) fthg_run_info",
        "run",
        "fthg_job",
        "threshold",
    )
    assert found == {
        ("whole", "orders", "failed < 1%"): 1,
        ("whole", "refused", "failed < 1%"): 0,
    }


def test_promtool_has_no_complaint(scraped: Scraped) -> None:
    for text in scraped.texts:
        done = promtool("check", "metrics", text=text)
        assert (done.returncode, done.stdout) == (0, "")


def test_the_rules_of_the_examples_sum_the_slices(scraped: Scraped) -> None:
    found = scraped.numbers("run:fthg_slices_alive:count == run:fthg_slices:max", "run")
    assert found == {("sliced",): SLICES, ("whole",): 1}
    failing = scraped.numbers('ALERTS{alertname="FthgFailures"}', "run", "fthg_job")
    assert set(failing) == {("sliced", "refused"), ("whole", "refused")}


def panels() -> Iterator[tuple[str, str]]:
    for panel in json.loads((EXAMPLES / "fthg.json").read_text())["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("title", "query"), panels())
def test_each_query_of_the_dashboard_has_data(scraped: Scraped, title: str, query: str) -> None:
    run = "whole" if title == "Thresholds" else "sliced"
    for variable, value in (("run", run), ("fthg_job", ".*"), ("__rate_interval", "1m")):
        query = query.replace(f"${variable}", value)
    found: dict[Any, float] = scraped.numbers(query)
    assert found
    assert all(value == value for value in found.values()), found  # noqa: PLR0124 - no NaN


def test_a_port_that_is_taken_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, nginx(tmp_path / "web") as web:
        where = f"127.0.0.1:{other.getsockname()[1]}"
        for workers in ("1", "2"):
            done = fthg(
                *("--url", f"{web.url}/taken/{{uuid}}", "--files", str(Path(__file__).parent)),
                *("-X", "PUT", "--rate", "10/s", "--count", "3", "--workers", workers),
                *("--metrics", where),
                cwd=tmp_path,
            )
            assert done.status == 3
            assert f"run.metrics: cannot listen on {where}: Address already in use" in done.err
            assert "name another port" in done.err
        assert not (web.directory / "files" / "taken").exists()


def test_a_bad_place_is_one_clear_error(tmp_path: Path) -> None:
    done = fthg("--url", "http://127.0.0.1:1/", "--files", ".", "--metrics", "0", cwd=tmp_path)
    assert done.status == 2
    assert "0 is not a port that Prometheus can scrape; use 1 to 65535" in done.err


def test_a_file_for_node_exporter_has_the_final_figures(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_text("a")
    with nginx(tmp_path / "web") as web:
        done = fthg(
            *("--url", f"{web.url}/{{uuid}}", "--files", "files", "-X", "PUT", "--rate", "10/s"),
            *("--count", "5", "--metrics", "fthg-{slice}.prom", "--workers", "2"),
            cwd=tmp_path,
        )
    assert done.status == 0, done.err
    text = (tmp_path / "fthg-0-of-1.prom").read_text()
    assert 'fthg_transfers_total{fthg_job="cli",outcome="ok"} 5\n' in text
    assert "process_" not in text
    assert promtool("check", "metrics", text=text).stdout == ""


def test_a_run_that_is_over_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_text("a")
    job = ("--url", "http://127.0.0.1:1/", "--files", "files", "--rate", "10/s", "--count", "1")
    fthg(*job, "--results", "r.jsonl", cwd=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "jobs.yaml").write_text(
            f"run: {{metrics: {port}}}\n"
            "jobs: {cli: {url: 'http://127.0.0.1:1/', files: files, rate: 10/s}}\n"
        )
        done = fthg("--from-results", "r.jsonl", "-c", "jobs.yaml", cwd=tmp_path)
    assert done.status == 0, done.err
