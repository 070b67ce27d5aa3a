"""Transfers that are killed or late, and senders that are closed: no connection is left over."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import gevent
import pytest

from fthg.errors import TransferError
from fthg.transfer import PHASES
from tests.servers.faulty import Conversation, faulty

from .jobs import failed, send, sender, transfer
from .ways import Way


def slow_at_first(client: Conversation) -> None:
    """Answer on all connections but the first, which hangs after the body."""
    while client.read_request():
        if client.number == 0:
            client.hang()
        client.answer()


def silent_at_first(client: Conversation) -> None:
    """Answer on all connections but the first, which reads nothing."""
    if client.number == 0:
        client.hang()
    while client.read_request():
        client.answer()


@pytest.mark.parametrize("script", [slow_at_first, silent_at_first])
@pytest.mark.parametrize("ending", ["killed", "late"])
def test_a_transfer_that_is_cut_off_leaves_no_connection_in_the_pool(
    large: Path, small: Path, way: Way, script: Any, ending: str
) -> None:
    timeout = 0.3 if ending == "late" else 20.0
    with (
        way.faulty(script) as server,
        sender(server.url, connections=1, timeout=timeout, **way.options) as made,
    ):
        cut = gevent.spawn(_outcome, made, transfer(large))
        gevent.sleep(0.1)
        if ending == "killed":
            cut.kill(timeout=5)
        assert ending == "killed" or cut.get(timeout=5) == "timeout"
        with gevent.Timeout(10):
            assert made.send(transfer(small)).code == 200
    assert server.connections == 2


def _outcome(made: Any, sent: Any) -> str:
    try:
        made.send(sent)
    except TransferError as error:
        return error.kind
    return "ok"


def test_a_transfer_that_is_killed_while_it_waits_for_a_connection_frees_its_place(
    small: Path, way: Way
) -> None:
    with (
        way.faulty(slow_at_first) as server,
        sender(server.url, connections=1, **way.options) as made,
    ):
        first, second = (gevent.spawn(_outcome, made, transfer(small)) for _ in range(2))
        gevent.sleep(0.1)
        second.kill(timeout=5)
        first.kill(timeout=5)
        with gevent.Timeout(10):
            assert made.send(transfer(small)).code == 200


def test_waiting_for_a_connection_is_a_phase_and_bounded(small: Path, way: Way) -> None:
    with (
        way.faulty(slow_at_first) as server,
        sender(server.url, connections=1, timeout=0.5, **way.options) as made,
    ):
        first = gevent.spawn(_outcome, made, transfer(small))
        gevent.sleep(0.3)
        second = gevent.spawn(made.send, transfer(small, seq=1))
        assert first.get(timeout=5) == "timeout"
        sent = second.get(timeout=5)
    assert sent.code == 200
    assert sent.phases["blocked"] > 0.05
    assert set(sent.phases) <= set(PHASES)


def test_closing_fails_what_is_under_way_within_a_second(small: Path, way: Way) -> None:
    with (
        way.faulty(slow_at_first) as server,
        sender(server.url, connections=1, **way.options) as made,
    ):
        under_way = [gevent.spawn(failed, made, transfer(small, seq=seq)) for seq in range(3)]
        gevent.sleep(0.1)
        made.close()
        gevent.joinall(under_way, timeout=1, raise_error=True)
        assert [one.value.kind for one in under_way if one.ready()] == ["reset"] * 3


def test_transfers_that_fail_leave_idle_connections_to_the_others(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            if client.number:
                client.hang()
            gevent.sleep(0.1)
            client.answer()

    with way.faulty(script) as server, sender(server.url, timeout=0.4, **way.options) as made:
        together = [gevent.spawn(_outcome, made, transfer(small, seq=seq)) for seq in range(3)]
        gevent.joinall(together, timeout=10)
        assert sorted(one.value for one in together) == ["ok", "timeout", "timeout"]
        assert [_outcome(made, transfer(small)) for _ in range(3)] == ["ok"] * 3
    assert server.connections == 3


def test_no_descriptor_stays_open(small: Path, way: Way) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with (
        way.faulty(silent_at_first) as server,
        sender(server.url, timeout=0.2, **way.options) as made,
    ):
        for seq in range(5):
            _outcome(made, transfer(small, seq=seq))
    gevent.sleep(0.05)
    assert len(os.listdir("/proc/self/fd")) <= before


def test_phases_follow_the_clock_and_add_up(small: Path, way: Way) -> None:
    def script(client: Conversation) -> None:
        while client.read_request():
            gevent.sleep(0.2)
            client.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            gevent.sleep(0.2)
            client.send(b"OK")

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        first, second = (made.send(transfer(small, seq=seq)).phases for seq in range(2))
    assert set(first) - {"handshaking"} == {"connecting", "sending", "waiting", "receiving"}
    assert set(second) == {"sending", "waiting", "receiving"}
    for phases in (first, second):
        assert phases["waiting"] > 0.1
        assert phases["receiving"] > 0.1


def test_an_interim_answer_does_not_end_the_waiting(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        gevent.sleep(0.3)
        client.send(b"HTTP/1.1 102 Processing\r\n\r\n")
        client.answer()

    with faulty(script) as server:
        phases = send(server.url, small).phases
    assert phases["waiting"] > 0.2
    assert phases["receiving"] < 0.1


def test_the_beginning_of_a_head_ends_the_waiting(small: Path) -> None:
    def script(client: Conversation) -> None:
        client.read_request()
        client.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 2")
        gevent.sleep(0.3)
        client.send(b"00 OK\r\nContent-Length: 0\r\n\r\n")

    with faulty(script) as server:
        phases = send(server.url, small).phases
    assert phases["waiting"] < 0.2
    assert phases["receiving"] > 0.2


def test_a_switch_from_elsewhere_is_no_event(small: Path, way: Way) -> None:
    """A spurious wake-up of a waiting transfer neither fails nor answers it."""

    def script(client: Conversation) -> None:
        while client.read_request():
            gevent.sleep(0.3)
            client.answer()

    with way.faulty(script) as server, sender(server.url, **way.options) as made:
        made.send(transfer(small))
        waiting = gevent.spawn(made.send, transfer(small, seq=1))
        for _ in range(5):
            gevent.sleep(0.02)
            gevent.get_hub().loop.run_callback(waiting.switch, "for nothing")
            gevent.get_hub().loop.run_callback(waiting.switch)
        assert waiting.get(timeout=5).code == 200
        assert waiting.value.phases["waiting"] > 0.2
    assert len(server.heard) == 2
