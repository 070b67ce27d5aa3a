"""Names that are looked up, and IPv6 addresses with a zone."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from fthg.protocols.endpoint import Endpoint
from tests.servers.faulty import Conversation, faulty

from .jobs import send, sender, transfer


def answers_once(client: Conversation) -> None:
    client.read_request()
    client.answer("201 Created", b"")


def test_a_name_is_resolved_once_in_a_phase_of_its_own(
    small: Path, adapter: dict[str, Any]
) -> None:
    with faulty(answers_once) as server:
        url = f"http://localhost:{server.port}/"
        with sender(url, reuse=False, **adapter) as made:
            first, second = (made.send(transfer(small, seq=seq)).phases for seq in range(2))
    assert {"resolving", "connecting"} <= set(first)
    assert "connecting" in second
    assert "resolving" not in second


@pytest.mark.parametrize("percent", ["%25", "%"])
def test_a_zone_is_used_to_connect_and_left_out_of_the_host_header(
    percent: str, small: Path
) -> None:
    zone = socket.if_nametoindex("lo")
    with faulty(answers_once, address="::1") as server:
        send(f"http://[::1{percent}{zone}]:{server.port}/in", small)
    (request,) = server.heard
    assert f"\r\nHost: [::1]:{server.port}\r\n".encode() in request
    assert request.endswith(b"<order/>")


def test_connect_to_stands_in_for_a_name_that_is_not_ascii(small: Path) -> None:
    with faulty(answers_once) as server:
        there = Endpoint("127.0.0.1", server.port)
        assert send("http://Bücher.invalid/", small, connect_to=there).code == 201
    assert b"\r\nHost: xn--bcher-kva.invalid\r\n" in server.heard[0]
