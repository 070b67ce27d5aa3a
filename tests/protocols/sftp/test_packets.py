from __future__ import annotations

import struct
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.errors import TransferError
from fthg.protocols.sftp import packets
from fthg.protocols.sftp.packets import Attributes, Handle, Limits, Splitter, Status

WELL_FORMED = [
    struct.pack(">BII", packets.STATUS, 7, 0),
    struct.pack(">BIII", packets.STATUS, 7, 4, 4) + b"Fail" + struct.pack(">I", 0),
    struct.pack(">BII", packets.HANDLE, 8, 4) + b"\0\0\0\1",
    struct.pack(">BIIQ", packets.ATTRS, 9, 1, 1 << 40),
    struct.pack(">BII", packets.ATTRS, 9, 0),
    struct.pack(">BIQQQQ", packets.EXTENDED_REPLY, 0, 1 << 18, 9, 255 * 1024, 1019),
]


def test_a_write_is_encoded_as_the_draft_has_it() -> None:
    packet = b"".join(packets.encode(packets.write(b"h", 5, b"abc"), 9))
    assert packet == b"\0\0\0\x19\x06\0\0\0\x09\0\0\0\x01h" + b"\0" * 7 + b"\5\0\0\0\3abc"


def test_an_open_asks_to_write_create_and_truncate_with_the_mode() -> None:
    packet = b"".join(packets.encode(packets.open_file(b"/a", 0o640), 1))
    assert packet[5:] == b"\0\0\0\1\0\0\0\2/a\0\0\0\x1a\0\0\0\4\0\0\x01\xa0"


def test_limits_are_asked_for_by_name() -> None:
    packet = b"".join(packets.encode(packets.ask_limits(), 0))
    assert packet == b"\0\0\0\x1b\xc8" + bytes(4) + b"\0\0\0\x12limits@openssh.com"


def test_only_the_extension_replaces_an_existing_file() -> None:
    assert packets.rename(b"a", b"b", posix=False).kind == packets.RENAME
    assert packets.rename(b"a", b"b", posix=True).kind == packets.EXTENDED


def test_replies_are_understood() -> None:
    parsed = [packets.parse_reply(packet) for packet in WELL_FORMED]
    assert parsed == [
        (7, Status(0, "")),
        (7, Status(4, "Fail")),
        (8, Handle(b"\0\0\0\1")),
        (9, Attributes(1 << 40)),
        (9, Attributes(None)),
        (0, Limits(1 << 18, 255 * 1024)),
    ]


def test_a_version_has_extensions() -> None:
    packet = b"\2\0\0\0\3\0\0\0\4name\0\0\0\1" + b"1"
    assert packets.parse_version(packet) == (3, {b"name": b"1"})


@given(st.lists(st.sampled_from(WELL_FORMED)), st.lists(st.integers(0, 300)))
def test_packets_are_found_however_the_stream_is_cut(sent: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(struct.pack(">I", len(packet)) + packet for packet in sent)
    cuts = sorted(min(cut, len(stream)) for cut in cuts)
    splitter, found = Splitter(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)]):
        found += list(splitter.feed(stream[start:end]))
    assert found == sent


@given(st.one_of(st.binary(), st.sampled_from(WELL_FORMED).map(lambda packet: packet[:-1])))
def test_garbage_is_a_protocol_error_and_nothing_else(stream: bytes) -> None:
    try:
        for packet in Splitter().feed(stream):
            packets.parse_reply(packet)
    except TransferError as error:
        assert error.kind == "protocol"  # noqa: PT017 - garbage may be well-formed by chance


@given(st.binary(min_size=1), st.sampled_from([packets.parse_reply, packets.parse_version]))
def test_a_garbled_packet_is_a_protocol_error_and_nothing_else(
    packet: bytes, parse: Callable[[bytes], object]
) -> None:
    try:
        parse(packet)
    except TransferError as error:
        assert error.kind == "protocol"  # noqa: PT017 - garbage may be well-formed by chance


def test_a_packet_too_long_to_be_one_is_shown() -> None:
    with pytest.raises(TransferError, match="This account is"):
        list(Splitter().feed(b"This account is currently not available.\r\n"))


def test_a_long_text_of_a_server_is_cut() -> None:
    text = b"virus found " * 20_000
    body = struct.pack(">BIII", packets.STATUS, 7, 4, len(text)) + text
    _, reply = packets.parse_reply(body)
    assert isinstance(reply, packets.Status)
    assert 500 < len(reply.text) < 700
    assert reply.text.endswith("…")


def test_a_handle_that_each_write_would_repeat_is_short() -> None:
    body = struct.pack(">BII", packets.HANDLE, 7, 200_000) + bytes(200_000)
    with pytest.raises(TransferError, match="a file handle of 200000 bytes"):
        packets.parse_reply(body)
