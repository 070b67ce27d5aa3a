from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Optional

import pytest

from fthg.errors import StartError
from fthg.load.outputs import OutputGroup, Surroundings
from fthg.load.outputs.prometheus import MetricsFile, PrometheusOutput
from fthg.load.plan import Plan
from fthg.load.stats.snapshot import RunSnapshot
from fthg.writing.terminal import standard_terminals
from tests.fakes import FakeClock
from tests.servers import free_port
from tests.waiting import until, until_written

from ...results_of import result
from ...snapshots import run_snapshot, running_job


def run_with(place: str, *, count: int = 1) -> RunSnapshot:
    run = run_snapshot(running_job([result()] * count))
    return replace(run, plan=replace(run.plan, outputs={"metrics": place}))


def output_of(plan: Plan) -> Optional[PrometheusOutput]:
    _, err = standard_terminals("never")
    return PrometheusOutput.make(plan, Surroundings(FakeClock(), err))


def path_of(plan: Plan) -> Optional[str]:
    file = PrometheusOutput.file(plan)
    return file.path if file else None


def test_there_is_none_without_a_place() -> None:
    assert output_of(Plan("r", ())) is None
    assert path_of(Plan("r", ())) is None


def test_a_port_is_no_file_that_could_be_written() -> None:
    assert path_of(run_with(str(free_port())).plan) is None
    assert path_of(run_with("x.prom").plan) == "x.prom"


def test_a_file_is_replaced_at_each_tick_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "fthg.prom"
    run = run_with(str(path))
    output = output_of(run.plan)
    assert isinstance(output, MetricsFile)
    assert output.interval == 15
    output.start(run.plan)
    output.tick(run)
    until_written(path)
    line = 'fthg_transfers_total{fthg_job="orders",outcome="ok"}'
    assert f"{line} 1\n" in path.read_text()
    output.tick(run_with(str(path), count=2))
    until(lambda: f"{line} 2\n" in path.read_text())
    output.end(run_with(str(path), count=3))
    assert f"{line} 3\n" in path.read_text()
    assert "process_" not in path.read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["fthg.prom"]


def test_a_file_that_cannot_be_written_is_an_error_at_the_end(tmp_path: Path) -> None:
    run = run_with(str(tmp_path / "no" / "fthg.prom"))
    output = MetricsFile(run.plan, FakeClock(), str(tmp_path / "no" / "fthg.prom"))
    output.start(run.plan)
    output.tick(run)
    with pytest.raises(StartError):
        output.end(run)


def test_a_disk_that_is_back_at_the_end_has_lost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "later" / "fthg.prom"
    run = run_with(str(path))
    output = MetricsFile(run.plan, FakeClock(), str(path))
    output.start(run.plan)
    output.tick(run)
    path.parent.mkdir()
    output.end(run)
    assert path.exists()


def test_a_broken_output_of_figures_ends_no_run() -> None:
    run = run_with("x.prom")
    output = MetricsFile(Plan("r", ()), FakeClock(), "x.prom")  # it knows no job
    group = OutputGroup([output], FakeClock())
    group._tick(output, 0, lambda: run)
    assert group.broken
