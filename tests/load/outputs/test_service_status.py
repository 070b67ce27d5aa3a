"""What systemd receives about a run, at a socket as systemd has one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.load.outputs import Surroundings
from fthg.load.outputs.service_status import ServiceStatus, status
from fthg.load.plan import Plan
from fthg.load.stats.outages import Outage, OutageList
from fthg.writing.terminal import standard_terminals
from tests.fakes import FakeClock

from ..results_of import result
from ..snapshots import job_snapshot, run_snapshot, running_job

FAILED = result(outcome="failed", error="reset")
RUNNING = run_snapshot(running_job([result()] * 8 + [FAILED]), running_job(name="b"), reason="")


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket that takes datagrams."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as taking:
        taking.bind(str(tmp_path / "notify"))
        taking.settimeout(5)
        yield taking


def test_it_is_ready_at_the_start_and_stopping_at_the_end(supervisor: socket.socket) -> None:
    output = ServiceStatus(supervisor.getsockname())
    output.start(Plan("nightly-7", ()))
    output.tick(RUNNING)
    output.end(run_snapshot(job_snapshot([result()] * 3)))
    ready, running, stopping = (supervisor.recv(4096).decode() for _ in range(3))
    assert ready.splitlines() == ["READY=1", "STATUS=run nightly-7 is ready"]
    assert running.startswith("STATUS=jobs running: 2 of 2, ")
    assert running.endswith("8 ok, 1 failed, 0 dropped, 6 in flight")
    assert stopping.splitlines() == [
        "STOPPING=1",
        "STATUS=ended: as planned, 3 ok, 0 failed, 0 dropped",
    ]


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as taking:
        taking.bind("")  # the kernel chooses an abstract name
        taking.settimeout(5)
        ServiceStatus(f"@{taking.getsockname()[1:].decode()}").tick(RUNNING)
        assert taking.recv(4096).startswith(b"STATUS=")


def test_a_supervisor_that_reads_nothing_or_is_gone_delays_nothing(
    supervisor: socket.socket, tmp_path: Path
) -> None:
    for _ in range(1000):  # more than its queue holds
        ServiceStatus(supervisor.getsockname()).tick(RUNNING)
    ServiceStatus(str(tmp_path / "gone")).tick(RUNNING)


@pytest.mark.parametrize(
    ("value", "made"), [("/run/n", True), ("@n", True), ("", False), ("vsock:2:1", False)]
)
def test_it_is_made_where_a_socket_is_named(
    value: str, made: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", value)
    around = Surroundings(FakeClock(), standard_terminals("auto")[1])
    assert (ServiceStatus.make(Plan("r", ()), around) is not None) == made


def test_an_outage_is_in_the_status_and_a_name_cannot_add_a_line() -> None:
    down = Outage("a\nREADY=1", SECOND, 3 * SECOND, None, {"refused": 6}, "refused", "it is gone")
    outages = OutageList((down,))
    working = running_job(name="a\nREADY=1")
    text = status(run_snapshot(working, outages=outages, running=True), 0.0)
    assert text.endswith("outage: a\\nREADY=1")
    over = run_snapshot(
        job_snapshot([], name="a\nREADY=1"), running_job(), outages=outages, reason=""
    )
    assert "outage" not in status(over, 0.0)
    assert "outage: a" in status(run_snapshot(job_snapshot([]), outages=outages), None)
