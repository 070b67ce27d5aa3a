from __future__ import annotations

import socket
import struct

import gevent
import pytest

from fthg.processes.messages import receive, send


def test_a_message_arrives_whole_however_large_it_is() -> None:
    ours, theirs = socket.socketpair()
    large = {"numbers": list(range(200_000))}
    sending = gevent.spawn(send, ours, large)
    assert receive(theirs) == large
    sending.get()
    ours.close()
    assert receive(theirs) is None
    theirs.close()


def test_the_end_in_mid_message_is_an_end() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(b"\0\0\0\x09half")
    ours.close()
    assert receive(theirs) is None
    theirs.close()


@pytest.mark.parametrize("data", [b"", b"nothing", b"cos\nno_such\n.", b"\x80\x05]\x94(K", b"("])
def test_a_message_that_is_no_pickle_is_an_end(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(struct.pack("!I", len(data)) + data)
    assert receive(theirs) is None
    ours.close()
    theirs.close()
