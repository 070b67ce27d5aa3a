"""Logins whose secret stands in a file that may change."""

from __future__ import annotations

from pathlib import Path

import gevent

from tests.servers.faulty import Conversation, faulty
from tests.servers.hung_disk import hung_disk

from ..jobs import sender, transfer


def take(client: Conversation) -> None:
    while client.read_request():
        client.answer("201 Created")


def test_the_wait_for_a_file_system_that_hangs_is_a_phase(tmp_path: Path, small: Path) -> None:
    with hung_disk(tmp_path) as disk, faulty(take) as server:
        (disk.behind / "token").write_text("t0ken")
        auth = {"bearer": {"token_file": str(disk.path / "token")}}
        with sender(server.url, auth=auth) as made:
            assert "authenticating" not in made.send(transfer(small)).phases
            gevent.sleep(1.1)
            disk.hang()
            sent = made.send(transfer(small))
    assert sent.phases["authenticating"] > 0.4
    assert all(b"\r\nAuthorization: Bearer t0ken\r\n" in request for request in server.heard)
