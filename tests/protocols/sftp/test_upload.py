from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.protocols.sftp import packets
from fthg.protocols.sftp.packets import SUCCESS, Attributes, Handle, Reply, Request, Status
from fthg.protocols.sftp.upload import AHEAD, Upload, UploadSettings
from fthg.protocols.stopwatch import Stopwatch

FULL = Status(4, "Failure")
MISSING = Status(2, "No such file")
DENIED = Status(3, "Permission denied")
NAMES = {
    value: name
    for name, value in vars(packets).items()
    if name
    in ["OPEN", "CLOSE", "WRITE", "FSETSTAT", "REMOVE", "MKDIR", "STAT", "RENAME", "EXTENDED"]
}


class Content:
    """Blocks from memory; fails at the block that is None."""

    def __init__(self, *blocks: Optional[bytes]) -> None:
        self._blocks = blocks
        self.size = sum(len(block or b"") for block in self._blocks)

    def blocks(self, most: int) -> Iterator[bytes]:  # noqa: ARG002 - they are small
        for block in self._blocks:
            if block is None:
                raise TransferError("file", "it shrank")
            yield block


class Server:
    """Answers all requests of an upload; the test sets the answers to some packet types."""

    def __init__(self, **answers: Reply) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.files: dict[bytes, bytes] = {}
        self.open: list[Request] = []

    def take(self, upload: Upload) -> None:
        """Return every request that the upload can send now."""
        while request := upload.pull():
            self.asked.append(NAMES[request.kind])
            self.open.append(request)

    def run(self, upload: Upload) -> list[str]:
        """Serve the upload to its end."""
        for _ in range(1000):
            self.take(upload)
            if not self.open:
                break
            request = self.open.pop(0)
            upload.answer(request.kind, self.answer(request))
        assert upload.done
        return self.asked

    def answer(self, request: Request) -> Reply:
        usual: dict[str, Reply] = {"OPEN": Handle(b"h"), "STAT": Attributes(3)}
        return {**usual, **self.answers}.get(NAMES[request.kind], SUCCESS)


def make(content: Optional[Content] = None, **settings: Any) -> Upload:
    watch = Stopwatch(lambda: 0, "blocked")
    return Upload(
        b"in/f",
        "u",
        content or Content(b"abc"),
        UploadSettings(**settings),
        watch,
    )


def kind_of(upload: Upload) -> Optional[str]:
    return upload.error.kind if upload.error else None


def test_data_and_close_go_out_as_soon_as_the_handle_is_there() -> None:
    upload, server = make(), Server()
    server.take(upload)
    assert server.asked == ["OPEN"]
    upload.answer(packets.OPEN, Handle(b"h"))
    server.take(upload)
    assert server.asked == ["OPEN", "WRITE", "CLOSE"]
    assert not upload.done


def test_an_empty_file_needs_no_write() -> None:
    upload = make(Content())
    assert Server().run(upload) == ["OPEN", "CLOSE"]
    assert not upload.error


def test_all_options_together_go_in_this_order() -> None:
    upload = make(atomic=True, mode=0o600, check_size=True)
    upload.posix_rename = True
    assert Server().run(upload) == ["OPEN", "WRITE", "FSETSTAT", "CLOSE", "STAT", "EXTENDED"]
    assert not upload.error


def test_a_rename_waits_until_all_data_is_taken() -> None:
    upload = make(atomic=True)
    assert Server(WRITE=FULL).run(upload) == ["OPEN", "WRITE", "CLOSE", "REMOVE"]
    assert kind_of(upload) == "remote"


def test_a_large_file_never_has_more_than_so_many_writes_unanswered() -> None:
    upload, server = make(Content(*[b"x"] * 500)), Server()
    server.take(upload)
    upload.answer(packets.OPEN, Handle(b"h"))
    server.open.clear()
    server.take(upload)
    assert len(server.open) == AHEAD
    upload.answer(packets.WRITE, SUCCESS)
    server.take(upload)
    assert len(server.open) == AHEAD + 1


def test_a_refused_write_ends_a_large_file_early() -> None:
    upload = make(Content(*[b"x"] * 500))
    asked = Server(WRITE=FULL).run(upload)
    assert asked.count("WRITE") == AHEAD
    assert asked[-2:] == ["CLOSE", "REMOVE"]


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ({"OPEN": MISSING}, "no_path"),
        ({"OPEN": DENIED}, "permission"),
        ({"OPEN": FULL}, "remote"),
        ({"OPEN": Status(14, "")}, "remote"),
        ({"CLOSE": FULL}, "remote"),
        ({"STAT": Attributes(2)}, "size"),
        ({"STAT": MISSING}, None),
        ({"STAT": Attributes(None)}, None),
        ({"STAT": DENIED}, "permission"),
        ({"RENAME": FULL}, "remote"),
        ({"FSETSTAT": DENIED}, "permission"),
    ],
)
def test_a_refusal_of_the_server_has_its_kind(
    answers: dict[str, Reply], kind: Optional[str]
) -> None:
    upload = make(atomic=True, check_size=True, mode=0o600)
    Server(**answers).run(upload)
    assert kind_of(upload) == kind


def test_the_servers_own_words_are_reported_with_the_status() -> None:
    upload = make()
    Server(OPEN=Status(4, "quota of loader exceeded")).run(upload)
    assert upload.error
    assert upload.error.code == 4
    assert "opening 'in/f': quota of loader exceeded (SFTP status 4)" in upload.error.detail


def test_directories_are_made_only_once_the_file_found_none() -> None:
    upload = make(mkdir=True)
    assert Server().run(upload) == ["OPEN", "WRITE", "CLOSE"]
    upload = make(mkdir=True)
    assert Server(OPEN=MISSING, MKDIR=DENIED).run(upload) == ["OPEN", "MKDIR", "OPEN"]
    assert kind_of(upload) == "no_path"
    assert "'in' was not created: Permission denied" in str(upload.error)


def test_a_local_file_that_fails_midway_leaves_nothing_at_the_server() -> None:
    upload = make(Content(b"abc", None))
    assert Server().run(upload) == ["OPEN", "WRITE", "CLOSE", "REMOVE"]
    assert kind_of(upload) == "file"


def test_an_upload_given_up_before_it_began_sends_nothing() -> None:
    upload = make()
    upload.abandon(TransferError("timeout", ""))
    assert upload.done
    assert Server().run(upload) == []


def test_an_upload_given_up_while_the_handle_is_due_closes_and_removes() -> None:
    upload, server = make(), Server()
    server.take(upload)
    upload.abandon(TransferError("timeout", ""))
    assert server.run(upload) == ["OPEN", "CLOSE", "REMOVE"]


def test_a_whole_file_stays_even_if_no_greenlet_waits() -> None:
    upload, server = make(), Server()
    server.take(upload)
    upload.answer(server.open.pop().kind, Handle(b"h"))
    server.take(upload)
    upload.abandon(TransferError("timeout", ""))
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE"]


def test_a_partial_file_is_removed_even_if_no_greenlet_waits() -> None:
    upload, server = make(atomic=True), Server()
    server.take(upload)
    upload.answer(server.open.pop().kind, Handle(b"h"))
    server.take(upload)
    upload.abandon(TransferError("timeout", ""))
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE", "REMOVE"]


@pytest.mark.parametrize(
    ("kind", "reply"),
    [
        (packets.OPEN, SUCCESS),
        (packets.OPEN, Attributes(3)),
        (packets.WRITE, Handle(b"h")),
        (packets.STAT, SUCCESS),
    ],
)
def test_an_answer_of_the_wrong_form_is_a_protocol_error(kind: int, reply: Reply) -> None:
    upload = make()
    upload.pull()
    with pytest.raises(TransferError, match="protocol"):
        upload.answer(kind, reply)


REPLIES = st.sampled_from([SUCCESS, FULL, MISSING, DENIED, Handle(b"h"), Attributes(3)])


@given(
    st.lists(st.tuples(st.sampled_from(["take", "answer", "abandon"]), REPLIES), max_size=40),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_whatever_happens_an_upload_ends_or_can_go_on(
    events: list[tuple[str, Reply]], atomic: bool, mkdir: bool, check_size: bool
) -> None:
    upload, server = (
        make(Content(b"ab", b"c"), atomic=atomic, mkdir=mkdir, check_size=check_size),
        (Server()),
    )
    for event, reply in events:
        if event == "take":
            server.take(upload)
        elif event == "abandon":
            upload.abandon(TransferError("timeout", ""))
        elif server.open:
            try:
                upload.answer(server.open.pop(0).kind, reply)
            except TransferError as error:
                assert error.kind == "protocol"  # noqa: PT017 - most answers are well-formed
                upload.fail(error)
                return
    server.run(upload)
    assert not server.open


def test_a_packet_of_each_request_has_the_length_that_it_says() -> None:
    upload, server = make(atomic=True, mode=0o600, check_size=True, mkdir=True), Server()
    for _ in range(20):
        server.take(upload)
        for request in server.open:
            packet = packets.encode(request, 1)
            assert struct.unpack(">I", packet[:4])[0] == len(packet) - 4
            upload.answer(request.kind, server.answer(request))
        server.open.clear()
    assert upload.done
