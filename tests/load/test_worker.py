"""The reports of a worker, to a parent that takes none for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import gevent
from gevent.event import Event

from fthg.clock import SECOND, Clock
from fthg.load.worker import send_reports
from fthg.processes.messages import Inbox


def test_while_the_parent_takes_none_no_report_waits_and_then_it_gets_the_newest() -> None:
    ours, theirs = socket.socketpair()
    clock, ended, made = Clock(), Event(), list[int]()

    def reports() -> Iterator[Any]:
        made.append(clock.now())
        yield len(made), bytes(1 << 20)

    sending = gevent.spawn(send_reports, reports, clock, theirs, ended)
    clock.sleep_until(clock.now() + 2 * SECOND)
    assert len(made) == 1
    asked, inbox = clock.now(), Inbox(ours)
    assert [inbox.receive()[0] for _ in range(3)] == [1, 2, 3]
    assert made[1] >= asked
    assert made[2] - made[1] >= SECOND // 4
    ended.set()
    assert inbox.receive()[0] == 4  # what is known at the end, before the end of the files
    sending.join()
    ours.close()
    theirs.close()
