from __future__ import annotations

import logging
import os
from pathlib import Path

import gevent
from gevent import monkey

from fthg.log import ConsoleSettings, FileSettings, Log
from fthg.writing.terminal import Terminal
from fthg.writing.text_stream import TextStream
from tests.screen import read_all, screen

from .conftest import Opener
from .waking import FakeClock

log = Log("fthg.test")
_close = monkey.get_original("os", "close")  # gevent's leaves it to the loop


def test_a_live_view_stays_whole_below_the_lines(opened: Opener) -> None:
    with screen(is_tty=True) as shown:
        opened(console=shown.at(logging.INFO))
        shown.terminal.show_view("the live view")
        assert "the live view" in shown.text
        log.info("a line [bold]not markup[/bold] " + "x" * 100)
        text = shown.text
    assert "[bold]not markup[/bold] " + "x" * 100 in text
    assert text.index("not markup") < text.rindex("the live view")


def test_a_terminal_that_is_gone_is_logged_once_and_ends_nothing(
    opened: Opener, clock: FakeClock, tmp_path: Path
) -> None:
    read, write = os.pipe()
    _close(read)
    terminal = Terminal(TextStream(write))
    file = FileSettings(str(tmp_path / "log"), logging.INFO)
    logs = opened(console=ConsoleSettings(terminal, logging.INFO), file=file)
    log.info("into the void")
    while terminal.stream.pending:
        gevent.sleep(0.001)
    for _ in range(3):
        logs.release()
        log.info("further")
    logs.close()
    os.close(write)
    lines = (tmp_path / "log").read_text().splitlines()
    assert sum("further" in line for line in lines) == 3
    (gone,) = [line for line in lines if "the terminal is gone" in line]
    assert f'pid={os.getpid()} stop="kill -TERM {os.getpid()}"' in gone
    assert 'reason="Broken pipe"' in gone


def test_lines_beyond_what_may_wait_are_counted_and_said_when_it_goes_on(opened: Opener) -> None:
    read, write = os.pipe()
    terminal = Terminal(TextStream(write))
    logs = opened(console=ConsoleSettings(terminal, logging.INFO))
    text = "x" * 1000
    for number in range(2000):
        log.info("line", number=number, text=text)
    lost = terminal.stream.lost
    assert 800 < lost < 1100
    logs.release()  # too early: nobody reads yet
    shown = read_all(read, terminal.stream)
    logs.release()
    log.info("after")
    logs.close()
    terminal.stream.close()
    _close(write)
    while fresh := os.read(read, 1 << 20):
        shown += fresh
    _close(read)
    lines = shown.decode().splitlines()
    assert [line[13:] for line in lines if "lost" in line] == [
        f"WARN  log lines were lost  where=console lost={lost}"
    ]
    assert sum("INFO  line" in line for line in lines) == 2000 - lost
    assert lines[-1].endswith("after")
