from __future__ import annotations

import socket
import struct

import gevent
import pytest

from fthg.processes.messages import Inbox, pack, send


def test_a_message_arrives_whole_however_large_it_is() -> None:
    ours, theirs = socket.socketpair()
    large = {"numbers": list(range(200_000))}
    inbox = Inbox(theirs)
    sending = gevent.spawn(send, ours, large)
    assert inbox.receive() == large
    sending.get()
    ours.close()
    assert inbox.receive() is None
    theirs.close()


def test_what_follows_a_message_is_left_on_the_line() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(pack("first") + b"f")
    assert Inbox(theirs).receive() == "first"
    assert theirs.recv(10) == b"f"
    ours.close()
    theirs.close()


def test_the_end_in_mid_message_is_an_end() -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(b"\0\0\0\x09half")
    ours.close()
    assert Inbox(theirs).receive() is None
    theirs.close()


def test_what_has_arrived_is_read_without_the_loop_from_where_a_greenlet_stopped() -> None:
    ours, theirs = socket.socketpair()
    inbox = Inbox(theirs)
    waiting = gevent.spawn(inbox.receive)
    first = pack("first")
    ours.sendall(first[:6])
    gevent.sleep(0.05)  # the greenlet has read a part of it
    ours.sendall(first[6:] + pack("second") + pack("half")[:5])
    assert list(inbox.arrived()) == ["first", "second"]
    assert list(inbox.arrived()) == []
    waiting.kill()
    ours.close()
    theirs.close()


@pytest.mark.parametrize("data", [b"", b"nothing", b"cos\nno_such\n.", b"\x80\x05]\x94(K", b"("])
def test_a_message_that_is_no_pickle_is_an_end(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.sendall(struct.pack("!I", len(data)) + data)
    assert Inbox(theirs).receive() is None
    ours.close()
    theirs.close()
