from __future__ import annotations

import struct
from collections.abc import Generator
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.errors import TransferError
from fthg.protocols.sftp import packets
from fthg.protocols.sftp.abilities import LARGEST, Abilities
from fthg.protocols.sftp.packets import (
    SUCCESS,
    Attributes,
    Handle,
    Limits,
    Reply,
    Request,
    Status,
)
from fthg.protocols.sftp.remote_path import RemoteNames
from fthg.protocols.sftp.script import AHEAD
from fthg.protocols.sftp.steps import UploadSettings
from fthg.protocols.sftp.upload import Upload
from fthg.protocols.stopwatch import Stopwatch
from tests.fakes import Memory

FULL = Status(4, "Failure")
MISSING = Status(2, "No such file")
DENIED = Status(3, "Permission denied")
NAMES = {
    value: name
    for name, value in vars(packets).items()
    if name
    in [
        "OPEN",
        "CLOSE",
        "WRITE",
        "SETSTAT",
        "FSETSTAT",
        "REMOVE",
        "MKDIR",
        "STAT",
        "RENAME",
        "EXTENDED",
    ]
}

POSIX = {packets.POSIX_RENAME: b"1"}


class Content:
    """Blocks from memory; fails at the block that is None."""

    def __init__(self, *blocks: Optional[bytes]) -> None:
        self._blocks = blocks
        self.size = sum(len(block or b"") for block in self._blocks)

    def poll_blocks(self, *_: object, **__: object) -> Generator[bytes, None, None]:
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


def names(*, atomic: bool = False, marker: bool = False) -> RemoteNames:
    part = b"in/f.u.part" if atomic else b"in/f"
    return RemoteNames(b"in/f", part, b"in/f.done" if marker else None)


def make(
    content: Optional[Content] = None,
    *,
    atomic: bool = False,
    marker: bool = False,
    **settings: Any,
) -> Upload:
    watch = Stopwatch(lambda: 0, "blocked")
    return Upload(
        names(atomic=atomic, marker=marker),
        content or Content(b"abc"),
        UploadSettings(**settings),
        watch,
    )


def kind_of(upload: Upload) -> Optional[str]:
    return upload.error.kind if upload.error else None


def test_a_file_is_closed_only_after_its_last_write_was_acknowledged() -> None:
    upload, server = make(Content(b"ab", b"c")), Server()
    server.take(upload)
    assert server.asked == ["OPEN"]
    upload.answer(packets.OPEN, Handle(b"h"))
    server.take(upload)
    assert server.asked == ["OPEN", "WRITE", "WRITE"]
    upload.answer(packets.WRITE, SUCCESS)
    server.take(upload)
    assert server.asked == ["OPEN", "WRITE", "WRITE"]
    upload.answer(packets.WRITE, SUCCESS)
    server.take(upload)
    assert server.asked == ["OPEN", "WRITE", "WRITE", "CLOSE"]
    assert not upload.done


def test_sending_is_from_the_first_write_to_the_last_acknowledgement() -> None:
    moments = iter(range(0, 100 * SECOND, SECOND))
    watch = Stopwatch(lambda: next(moments), "blocked")
    settings = UploadSettings(mode=0o600, check_size=True)
    named = names(atomic=True, marker=True)
    upload, server = Upload(named, Content(b"ab", b"c"), settings, watch), Server()
    phases = []
    while not upload.done:
        server.take(upload)
        phases += [(NAMES[request.kind], watch.phase) for request in server.open]
        while server.open:
            request = server.open.pop(0)
            upload.answer(request.kind, server.answer(request))
    assert phases == [
        ("OPEN", "waiting"),
        ("WRITE", "sending"),
        ("WRITE", "sending"),
        ("FSETSTAT", "waiting"),
        ("CLOSE", "waiting"),
        ("STAT", "waiting"),
        ("RENAME", "renaming"),
        ("OPEN", "waiting"),
        ("FSETSTAT", "waiting"),
        ("CLOSE", "waiting"),
    ]


def test_an_empty_file_has_no_phase_of_sending() -> None:
    watch = Stopwatch(lambda: 0, "blocked")
    upload = Upload(names(), Content(), UploadSettings(), watch)
    Server().run(upload)
    assert list(watch.phases()) == ["blocked", "waiting"]


def test_an_empty_file_needs_no_write() -> None:
    upload = make(Content())
    assert Server().run(upload) == ["OPEN", "CLOSE"]
    assert not upload.error


def test_all_options_together_go_in_this_order() -> None:
    upload = make(atomic=True, mode=0o600, check_size=True)
    upload.begin(Abilities(POSIX))
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


LONG = 3_000_000


@pytest.mark.parametrize(
    ("limits", "block"),
    [(None, 32 * 1024), (Limits(1 << 18, LARGEST), LARGEST), (Limits(0, 5000), 5000)],
)
def test_writes_are_as_large_as_the_server_takes_and_two_megabytes_unanswered(
    limits: Optional[Limits], block: int
) -> None:
    content, server = Memory(bytes(LONG)), Server()
    upload = Upload(names(), content, UploadSettings(), Stopwatch(lambda: 0, "x"))
    abilities = Abilities({packets.LIMITS: b"1"})
    upload.begin(abilities)
    server.take(upload)
    if limits:  # also after the OPEN was sent
        abilities.learn(limits)
    upload.answer(packets.OPEN, Handle(b"h"))
    server.open.clear()
    server.take(upload)
    assert {len(request.parts[-1]) for request in server.open} == {block}
    assert len(server.open) == min(AHEAD, 2 * 1024 * 1024 // block)
    server.run(upload)
    assert upload.sent == LONG
    assert server.asked.count("WRITE") == -(-LONG // block)
    assert not upload.error


def test_limits_are_no_answer_to_a_rename() -> None:
    upload = make(atomic=True)
    upload.begin(Abilities(POSIX))
    with pytest.raises(TransferError, match="Limits in answer to packet type 200"):
        Server(EXTENDED=Limits(1 << 18, LARGEST)).run(upload)


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
        ({"STAT": MISSING}, "size"),
        ({"STAT": Attributes(None)}, "size"),
        ({"STAT": DENIED}, "size"),
        ({"RENAME": FULL}, "remote"),
        ({"FSETSTAT": DENIED}, None),
    ],
)
def test_a_refusal_of_the_server_has_its_kind(
    answers: dict[str, Reply], kind: Optional[str]
) -> None:
    upload = make(atomic=True, check_size=True, mode=0o600)
    Server(**answers).run(upload)
    assert kind_of(upload) == kind


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (MISSING, "it is no longer there; did the server move it?"),
        (Attributes(None), "the server does not send it"),
        (DENIED, "Permission denied (SFTP status 3)"),
    ],
)
def test_a_size_that_cannot_be_checked_is_a_failure_that_says_why(
    answer: Reply, words: str
) -> None:
    upload = make(check_size=True)
    assert Server(STAT=answer).run(upload) == ["OPEN", "WRITE", "CLOSE", "STAT"]
    assert upload.error
    assert f"the size of 'in/f' is unchecked: {words}" in upload.error.detail
    assert not upload.left


def test_a_refused_mode_is_a_warning_and_the_file_stays() -> None:
    upload = make(mode=0o600)
    asked = Server(FSETSTAT=Status(8, "Operation unsupported"), SETSTAT=DENIED).run(upload)
    assert asked == ["OPEN", "WRITE", "FSETSTAT", "CLOSE", "SETSTAT"]
    assert not upload.error
    assert upload.warning == "the server does not set the mode: Operation unsupported"


def test_the_servers_own_words_are_reported_with_the_status() -> None:
    upload = make()
    Server(OPEN=Status(4, "quota of loader exceeded")).run(upload)
    assert upload.error
    assert upload.error.code == 4
    assert upload.error.detail == "opening 'in/f': quota of loader exceeded (SFTP status 4)"


@pytest.mark.parametrize(
    ("text", "guessed"), [("", True), ("Failure", True), ("virus found", False)]
)
def test_a_cause_is_guessed_only_where_the_server_names_none(text: str, guessed: bool) -> None:
    upload = make()
    Server(WRITE=Status(4, text)).run(upload)
    assert upload.error
    assert ("is the disk full" in upload.error.detail) is guessed


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
    for _ in range(2):  # up to the last WRITE
        server.take(upload)
        request = server.open.pop()
        upload.answer(request.kind, server.answer(request))
    server.take(upload)
    upload.abandon(TransferError("timeout", ""))
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE"]
    assert not upload.left


@pytest.mark.parametrize("atomic", [False, True])
def test_an_incomplete_file_that_cannot_be_removed_is_named(atomic: bool) -> None:
    upload = make(atomic=atomic)
    Server(WRITE=FULL, REMOVE=DENIED).run(upload)
    name = "in/f.u.part" if atomic else "in/f"
    assert upload.left == f"; {name!r} is left there: Permission denied"


# --- the marker


class MarkerRefused(Server):
    """Refuses the second OPEN, or the second CLOSE."""

    def __init__(self, kind: str, reply: Reply) -> None:
        super().__init__()
        self.kind, self.reply = kind, reply

    def answer(self, request: Request) -> Reply:
        name = NAMES[request.kind]
        self.files[name.encode()] = self.files.get(name.encode(), b"") + b"."
        again = name == self.kind and len(self.files[name.encode()]) > 1
        return self.reply if again else super().answer(request)


def test_a_marker_is_written_once_the_file_has_its_name() -> None:
    upload = make(atomic=True, marker=True)
    assert Server().run(upload) == ["OPEN", "WRITE", "CLOSE", "RENAME", "OPEN", "CLOSE"]
    assert not upload.error
    assert Server().run(upload := make(marker=True)) == ["OPEN", "WRITE", "CLOSE", "OPEN", "CLOSE"]
    assert not upload.error


@pytest.mark.parametrize(
    "answers", [{"OPEN": DENIED}, {"WRITE": FULL}, {"STAT": Attributes(2)}, {"RENAME": FULL}]
)
def test_a_file_that_failed_gets_no_marker(answers: dict[str, Reply]) -> None:
    upload = make(atomic=True, marker=True, check_size=True)
    assert Server(**answers).run(upload).count("OPEN") == 1
    assert upload.error
    assert "marker" not in upload.error.detail + upload.left


@pytest.mark.parametrize("atomic", [False, True])
def test_a_refused_marker_fails_the_transfer_and_the_file_stays(atomic: bool) -> None:
    upload = make(atomic=atomic, marker=True)
    asked = MarkerRefused("OPEN", DENIED).run(upload)
    assert "REMOVE" not in asked
    assert upload.error
    assert (upload.error.kind, upload.error.code) == ("permission", 3)
    assert upload.error.detail == (
        "the marker: opening 'in/f.done': Permission denied (SFTP status 3)"
    )
    assert upload.left == "; 'in/f' is delivered, but its marker 'in/f.done' is missing"


def test_a_marker_that_is_not_closed_fails_the_transfer() -> None:
    upload = make(marker=True)
    MarkerRefused("CLOSE", FULL).run(upload)
    assert upload.error
    assert upload.error.detail.startswith("the marker: closing 'in/f.done': Failure")
    assert upload.left == "; 'in/f' is delivered, but its marker 'in/f.done' may be missing"


@pytest.mark.parametrize(
    ("until", "asked"),
    [
        ("CLOSE", ["OPEN", "WRITE", "CLOSE"]),  # of the file: the marker was not asked for
        ("OPEN", ["OPEN", "WRITE", "CLOSE", "OPEN", "CLOSE"]),  # the open marker is closed
    ],
)
def test_a_marker_appears_no_more_once_no_greenlet_waits(until: str, asked: list[str]) -> None:
    upload, server = make(marker=True), Server()
    while True:
        server.take(upload)
        request = server.open.pop(0)
        upload.answer(request.kind, server.answer(request))
        if NAMES[request.kind] == until and len(server.asked) > 2:
            break
    upload.abandon(TransferError("timeout", "late"))
    assert server.run(upload) == asked
    assert kind_of(upload) == "timeout"


def test_a_rename_into_a_directory_that_is_missing_says_so() -> None:
    named = RemoteNames(b"in/f", b"tmp/f")
    watch = Stopwatch(lambda: 0, "blocked")
    upload = Upload(named, Content(b"abc"), UploadSettings(), watch)
    assert Server(RENAME=MISSING).run(upload)[-1] == "REMOVE"
    assert kind_of(upload) == "no_path"
    assert "is the directory missing? (mkdir: true creates it)" in str(upload.error)


def test_a_rename_that_is_not_repeated_leaves_no_part() -> None:
    upload, server = make(atomic=True, mkdir=True), Server(RENAME=MISSING)
    while "MKDIR" not in server.asked:
        server.take(upload)
        request = server.open.pop(0)
        upload.answer(request.kind, server.answer(request))
        server.take(upload)
    upload.answer(server.open.pop().kind, SUCCESS)  # RENAME comes next, but has not been taken
    upload.abandon(TransferError("timeout", "late"))
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE", "RENAME", "MKDIR", "REMOVE"]
    assert not upload.left


def test_a_file_that_was_renamed_stays_even_if_no_greenlet_waits() -> None:
    upload, server = make(atomic=True, marker=True), Server()
    while "RENAME" not in server.asked:
        server.take(upload)
        request = server.open.pop(0)
        if NAMES[request.kind] != "RENAME":
            upload.answer(request.kind, server.answer(request))
    assert upload.left.endswith("may be left there as 'in/f.u.part', or as 'in/f'")
    upload.abandon(TransferError("timeout", "late"))
    upload.answer(packets.RENAME, SUCCESS)
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE", "RENAME"]
    assert upload.left == "; 'in/f' is delivered, but its marker 'in/f.done' is missing"


@pytest.mark.parametrize(
    ("kind", "again"),
    [
        ("RENAME", ["MKDIR", "RENAME", "OPEN", "CLOSE"]),
        ("OPEN", ["OPEN", "MKDIR", "OPEN", "CLOSE"]),
    ],
)
def test_a_directory_that_only_the_new_name_or_the_marker_needs_is_made(
    kind: str, again: list[str]
) -> None:
    class Once(Server):
        def answer(self, request: Request) -> Reply:
            missing = NAMES[request.kind] == kind and b"MKDIR" not in self.files
            if NAMES[request.kind] in ("RENAME", "MKDIR"):
                self.files[NAMES[request.kind].encode()] = b""
            began = kind == "RENAME" or b"RENAME" in self.files
            return MISSING if missing and began else super().answer(request)

    upload = make(atomic=True, marker=True, mkdir=True)
    start = ["OPEN", "WRITE", "CLOSE", "RENAME"]
    assert Once().run(upload) == start + again
    assert not upload.error


def test_a_server_that_sets_the_mode_only_by_name_is_asked_so_before_the_rename() -> None:
    upload = make(mode=0o600, atomic=True)
    asked = Server(FSETSTAT=Status(8, "Operation unsupported")).run(upload)
    assert asked == ["OPEN", "WRITE", "FSETSTAT", "CLOSE", "SETSTAT", "RENAME"]
    assert not upload.warning


@pytest.mark.parametrize(
    ("posix", "reply", "words"),
    [
        (False, FULL, "; this server's rename does not replace a file, is there one of that name?"),
        (True, FULL, "; is a directory of that name there, is it on another file system?"),
        (True, MISSING, "another transfer with the same temporary_name, take it away?"),
        (False, Status(4, "it is locked"), "it is locked (SFTP status 4)"),
    ],
)
def test_a_refused_rename_names_both_names(posix: bool, reply: Reply, words: str) -> None:
    upload = make(atomic=True)
    upload.begin(Abilities(POSIX if posix else {}))
    asked = Server(RENAME=reply, EXTENDED=reply).run(upload)
    assert asked[-1] == "REMOVE"
    assert upload.error
    assert upload.error.detail.startswith("renaming 'in/f.u.part' to 'in/f': ")
    assert words in upload.error.detail
    assert not upload.left


def test_a_file_that_could_be_removed_or_is_gone_is_not_named() -> None:
    for removed in (SUCCESS, MISSING):
        upload = make(atomic=True)
        Server(WRITE=FULL, REMOVE=removed).run(upload)
        assert kind_of(upload) == "remote"
        assert not upload.left


def test_cleaning_up_goes_on_when_the_greenlet_gives_up_meanwhile() -> None:
    upload, server = make(atomic=True), Server(WRITE=FULL)
    server.take(upload)
    upload.answer(server.open.pop().kind, Handle(b"h"))
    server.take(upload)
    upload.answer(server.open.pop().kind, FULL)  # CLOSE comes next, but has not been taken
    upload.abandon(TransferError("timeout", ""))
    assert server.run(upload) == ["OPEN", "WRITE", "CLOSE", "REMOVE"]
    assert kind_of(upload) == "remote"


LOST = TransferError("reset", "the server closed the connection")


@pytest.mark.parametrize(
    ("answered", "left", "again"),
    [
        ([], "; an incomplete file may be left there as 'in/f.u.part'", True),
        (["OPEN"], "; an incomplete file may be left there as 'in/f.u.part'", False),
        (["OPEN", "WRITE"], "; a file may be left there as 'in/f.u.part'", False),
        (
            ["OPEN", "WRITE", "CLOSE"],
            "; a file may be left there as 'in/f.u.part', or as 'in/f'",
            False,
        ),
        (
            ["OPEN", "WRITE", "CLOSE", "RENAME"],
            "; 'in/f' is delivered, but its marker 'in/f.done' may be missing",
            False,
        ),
        (
            ["OPEN", "WRITE", "CLOSE", "RENAME", "OPEN"],
            "; 'in/f' is delivered, but its marker 'in/f.done' may be missing",
            False,
        ),
    ],
)
def test_a_lost_connection_may_leave_a_file_and_only_an_open_is_repeated(
    answered: list[str], left: str, again: bool
) -> None:
    upload, server = make(atomic=True, marker=True), Server()
    for name in answered:
        server.take(upload)
        request = server.open.pop(0)
        assert NAMES[request.kind] == name
        upload.answer(request.kind, server.answer(request))
    server.take(upload)
    upload.fail(LOST)
    assert upload.left == left
    assert upload.may_be_repeated is again


def test_a_connection_that_is_lost_before_anything_was_sent_leaves_nothing() -> None:
    upload = make()
    upload.fail(LOST)
    assert not upload.left
    assert upload.may_be_repeated


def test_a_connection_lost_while_directories_are_made_is_no_end() -> None:
    upload, server = make(mkdir=True), Server()
    server.take(upload)
    upload.answer(server.open.pop().kind, MISSING)
    server.take(upload)
    assert server.asked == ["OPEN", "MKDIR"]
    upload.fail(LOST)
    assert not upload.left
    assert upload.may_be_repeated


def test_a_refusal_is_never_repeated() -> None:
    upload = make()
    Server(OPEN=DENIED).run(upload)
    assert not upload.may_be_repeated
    assert not upload.left


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
    st.fixed_dictionaries(
        dict.fromkeys(("atomic", "marker", "mkdir", "check_size"), st.booleans())
    ),
)
def test_whatever_happens_an_upload_ends_or_can_go_on(
    events: list[tuple[str, Reply]], given: dict[str, bool]
) -> None:
    upload, server = make(Content(b"ab", b"c"), **given), Server()
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
            packet = b"".join(packets.encode(request, 1))
            assert struct.unpack(">I", packet[:4])[0] == len(packet) - 4
            upload.answer(request.kind, server.answer(request))
        server.open.clear()
    assert upload.done
