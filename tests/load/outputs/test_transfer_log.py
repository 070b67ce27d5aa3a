from __future__ import annotations

import itertools
import logging
from collections import Counter
from pathlib import Path

import pytest

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.load.files.source import Source
from fthg.load.outputs.group import OutputGroup
from fthg.load.outputs.outage_log import OutageLog
from fthg.load.outputs.transfer_log import TransferLog
from fthg.load.plan import Plan
from fthg.load.process import ProcessRun
from fthg.load.stats.outages import IN_A_ROW
from fthg.peer import Peer
from fthg.protocols.options import Options
from fthg.transfer import Transfer
from tests.fakes import FakeClock, FakeSender

from ..logged import Line, logged
from ..snapshots import job


def run(tmp_path: Path, out: tuple[float, float], level: int, rate: int = 10) -> list[Line]:
    """Run for 30 s with a server that is out from one second to another; return the log lines."""
    (tmp_path / "a").write_bytes(b"x")
    clock, ports = FakeClock(), list[int]()

    def seconds(_: Transfer) -> float:
        if out[0] * SECOND <= clock.now() < out[1] * SECOND:
            peer = Peer("192.0.2.1:1", 40_000 + len(ports), reused=False, connection=7)
            ports.append(peer.local_port)
            raise TransferError("refused", "here port 1: Connection refused", peer=peer, sent=7)
        return 0.001

    only = job(source=Source(str(tmp_path)), duration=30.0)
    sender = FakeSender(Options(), clock, seconds)
    with logged(level) as lines:
        running = ProcessRun(
            Plan("r1", (only,)),
            {"orders": sender},
            {"orders": itertools.repeat("a")},
            clock,
            0,
            OutputGroup([TransferLog(clock), OutageLog(clock)], clock),
        )
        running.wait()
        running.end()
    return lines


def test_an_outage_is_two_lines_and_not_hundreds(tmp_path: Path) -> None:
    lines = run(tmp_path, (5, 25), logging.WARNING)
    began = next(line for line in lines if line.event == "outage began")
    ended = next(line for line in lines if line.event == "outage ended")
    assert began.fields["kind"] == "refused"
    assert began.fields["detail"] == "since 14:13:25.000Z: here port 1: Connection refused"
    assert ended.fields["failed"] == 200
    assert ended.fields["lasted"] == pytest.approx(20, abs=0.01)
    assert ended.fields["detail"] == "after 20s, 200 transfers failed: refused 200"
    assert Counter(line.event for line in lines)["failed"] <= 2 * IN_A_ROW
    assert {line.fields["job"] for line in lines} == {"orders"}


def test_at_debug_every_failure_of_an_outage_is_logged(tmp_path: Path) -> None:
    lines = run(tmp_path, (5, 25), logging.DEBUG)
    levels = Counter(line.level for line in lines if line.event == "failed")
    assert levels[logging.DEBUG] + levels[logging.WARNING] == 200
    assert levels[logging.DEBUG] > 180


def test_failures_that_are_no_outage_are_warnings_each(tmp_path: Path) -> None:
    lines = run(tmp_path, (5, 5.35), logging.WARNING)
    assert [line.event for line in lines] == ["failed"] * 4


def test_failures_name_address_local_port_connection_and_the_bytes_sent(tmp_path: Path) -> None:
    lines = run(tmp_path, (5, 5.35), logging.WARNING)
    assert {line.fields["remote"] for line in lines} == {"192.0.2.1:1"}
    assert {line.fields["sent"] for line in lines} == {7}
    assert {line.fields["connection"] for line in lines} == {7}
    assert [line.fields["local_port"] for line in lines] == [40_000, 40_001, 40_002, 40_003]


def test_an_outage_that_has_not_ended_is_logged_at_the_end(tmp_path: Path) -> None:
    lines = run(tmp_path, (5, 100), logging.WARNING)
    assert lines[-1].event == "outage has not ended"
    assert lines[-1].fields["failed"] == 250
    assert lines[-1].fields["detail"].startswith("for 24.9s, 250 transfers failed: refused")


def test_the_next_outage_has_words_of_its_own_so_that_no_log_folds_it(tmp_path: Path) -> None:
    first, second = (
        next(line for line in run(tmp_path, out, logging.WARNING) if line.event == "outage began")
        for out in ((5, 10), (15, 20))
    )
    assert first.fields["detail"] != second.fields["detail"]
