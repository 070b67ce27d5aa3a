from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path

import gevent
import pytest

from fthg.log import TRACE, FileSettings, Log, SyslogSettings, quiet_hub
from fthg.log.address import Address
from tests.screen import Screen

from .conftest import Opener
from .waking import FakeClock, elsewhere

log = Log("fthg.test")


def test_every_output_has_its_own_level_and_format(
    opened: Opener, screen: Screen, tmp_path: Path
) -> None:
    path = tmp_path / "fthg.log"
    logs = opened(
        console=screen.at(logging.WARNING), file=FileSettings(str(path), logging.DEBUG, "json")
    )
    log.trace("1")
    log.debug("2")
    log.info("3")
    log.warning("4")
    log.error("5")
    assert log.enabled(logging.DEBUG)
    assert not log.enabled(TRACE)
    logs.close()
    assert [line[13:] for line in screen.lines] == ["WARN  4", "ERROR 5"]
    lines = path.read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["2", "3", "4", "5"]


def test_libraries_are_logged_at_trace_only_and_once(opened: Opener, tmp_path: Path) -> None:
    path, traced = tmp_path / "debug.log", tmp_path / "trace.log"
    logs = opened(file=FileSettings(str(path), logging.DEBUG))
    for name in ("paramiko.transport", "urllib3.connectionpool", "requests", "fthgx"):
        logging.getLogger(name).error("boom %s", name)
    logs.close()
    assert path.read_text() == ""
    logs = opened(file=FileSettings(str(traced), TRACE))
    logging.getLogger("paramiko.transport").error("boom %s", "once")
    logs.close()
    assert [line[25:] for line in traced.read_text().splitlines()] == [
        "ERROR boom once  logger=paramiko.transport",
    ]


def test_a_trace_on_the_file_brings_no_library_to_the_console(
    opened: Opener, screen: Screen, tmp_path: Path
) -> None:
    opened(console=screen.at(logging.WARNING), file=FileSettings(str(tmp_path / "x"), TRACE))
    logging.getLogger("paramiko.transport").error("boom")
    assert screen.lines == []


def test_python_warnings_go_to_the_log_not_to_the_terminal(
    opened: Opener, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "fthg.log"
    logs = opened(file=FileSettings(str(path), TRACE))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("unverified request", stacklevel=1)
    logs.close()
    assert "unverified request" in path.read_text()
    assert capfd.readouterr().err == ""


def test_closing_restores_the_loggers(opened: Opener, screen: Screen) -> None:
    root, own = logging.getLogger(), logging.getLogger("fthg")
    before = (root.handlers[:], root.level, own.level)
    logs = opened(console=screen.at(TRACE))
    logs.close()
    logs.close()
    assert (root.handlers[:], root.level, own.level) == before
    log.error("nobody hears")
    assert screen.lines == []


def test_another_thread_closes_them_while_the_hub_has_no_turn(
    opened: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "fthg.log"
    nowhere = SyslogSettings(Address.parse(str(tmp_path / "none")), logging.INFO)
    logs = opened(file=FileSettings(str(path), logging.INFO), syslog=nowhere)
    log.info("the last words")
    elsewhere(logs.close)
    assert "the last words" in path.read_text()
    assert "log lines were lost" in path.read_text()  # those for syslog


def test_repeated_warnings_are_counted_where_only_warnings_are_wanted(
    opened: Opener, screen: Screen, tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "fthg.log"
    logs = opened(console=screen.at(logging.WARNING), file=FileSettings(str(path), logging.INFO))
    for number in range(128):
        log.warning("transfer failed", job="a", kind="refused", seq=number)
    assert len(screen.lines) == 1
    clock.advance(61)
    assert len(screen.lines) == 2
    assert screen.lines[1].endswith("transfer failed  job=a kind=refused  … 127 more in 61 s")
    log.warning("transfer failed", job="a", kind="refused", seq=128)
    logs.close()
    assert screen.lines[2].endswith("1 more in 1 s")
    assert len(path.read_text().splitlines()) == 129


def test_secrets_are_masked_in_events_fields_and_tracebacks(opened: Opener, screen: Screen) -> None:
    opened(console=screen.at(TRACE), secrets=["hunter2"])
    try:
        raise ValueError("hunter2 is wrong")
    except ValueError as error:
        log.error("hunter2", x="hunter2", error=error, exc_info=error)
    logging.getLogger("urllib3").debug("Authorization: %s", "hunter2")
    shown = "\n".join(screen.lines)
    assert "hunter2" not in shown
    assert shown.count("***") >= 5


def test_an_error_nobody_caught_in_a_greenlet_is_one_line(
    opened: Opener, screen: Screen, capfd: pytest.CaptureFixture[str]
) -> None:
    opened(console=screen.at(logging.INFO))
    hub = gevent.get_hub()
    quiet_hub(log)
    try:

        def boom() -> None:
            raise RuntimeError("no")

        gevent.spawn(boom).join()
    finally:
        del hub.print_exception
    assert [line[13:] for line in screen.lines] == [
        'ERROR unexpected error in a greenlet  error="RuntimeError: no"'
    ]
    assert capfd.readouterr().err == ""
