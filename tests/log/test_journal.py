from __future__ import annotations

import logging
import os
from pathlib import Path

from fthg.log import TRACE, ConsoleSettings, Log
from fthg.log.journal import is_journal, prioritized
from fthg.writing.terminal import Terminal
from fthg.writing.text_stream import TextStream

from .conftest import Opener

log = Log("fthg.test")


def test_a_stream_is_the_journal_where_device_and_inode_match(tmp_path: Path) -> None:
    with (tmp_path / "stream").open("w") as file:
        status = os.fstat(file.fileno())
        named = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert is_journal(named, file.fileno())
        assert not is_journal({"JOURNAL_STREAM": f"{status.st_dev}:1"}, file.fileno())
        assert not is_journal({}, file.fileno())


def test_every_line_has_the_priority_of_its_level() -> None:
    levels = (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG, TRACE)
    assert [prioritized(level, "x") for level in levels] == ["<3>x", "<4>x", "<6>x", "<7>x", "<7>x"]
    assert prioritized(logging.WARNING, "a\nb") == "<4>a\n<4>b"


def test_console_lines_for_the_journal_have_a_priority_and_no_time(
    opened: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    terminal = Terminal(TextStream(os.open(path, os.O_CREAT | os.O_WRONLY)))
    logs = opened(console=ConsoleSettings(terminal, logging.INFO, journal=True))
    log.warning("failed", job="orders")
    logs.close()
    assert path.read_text() == "<4>WARN  failed  job=orders\n"
