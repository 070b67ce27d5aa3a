from __future__ import annotations

import pickle
import socket
import struct

import gevent
import pytest

from fthg.load.messages import Inbox, pack, send
from fthg.load.run import JobPart
from fthg.load.stats.metrics import Metrics
from fthg.transfer import Result


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


def test_slices_joined_have_the_figures_of_the_whole() -> None:
    whole, parts = Metrics(0), [Metrics(0), Metrics(0)]
    for seq in range(100):
        result = Result("j", seq, "u", "f", 1, "ok", seq, seq + 1, seq + 5, 200, bytes=7)
        whole.record(result)
        parts[seq % 2].record(result)
    sent = [pickle.loads(pickle.dumps(JobPart("running", 1.0, 2, part))) for part in parts]
    both = sent[0].joined(sent[1]._replace(state="done", dispatching=3.0))
    assert (both.state, both.dispatching, both.in_flight) == ("running", 3.0, 4)
    assert both.metrics.figures(None, 0.0) == whole.figures(None, 0.0)
