"""Packets that paramiko would take minutes or hours for."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import paramiko
import pytest
from paramiko.ssh_exception import SSHException

from fthg.clock import Clock
from fthg.protocols.paramiko_fixes.packet_guard import GuardedPacketizer
from fthg.protocols.paramiko_fixes.transport_socket import TransportSocket

from .test_transport_socket import tcp_pair

EXTENSIONS, DEBUG, PROMPTS = b"\x07", b"\x04", b"\x3c"
DISCONNECT, REFUSAL = b"\x01", b"\x5c"


def text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def number(value: int) -> bytes:
    return struct.pack(">I", value)


class Reader:
    """A client that has read the version; `read` returns the packet that its server sends."""

    def __init__(self) -> None:
        self.client, self.server = tcp_pair()
        self.stream = TransportSocket(self.client, Clock().now)
        self._packetizer = GuardedPacketizer(self.stream)
        self.server.sendall(b"SSH-2.0-x\r\n")
        self._packetizer.readline(5)

    def read(self, payload: bytes) -> paramiko.Message:
        padding = 4 + -(len(payload) + 9) % 8
        length = len(payload) + padding + 1
        self.server.sendall(struct.pack(">IB", length, padding) + payload + bytes(padding))
        kind, message = self._packetizer.read_message()
        assert kind == payload[0]
        return message

    def close(self) -> None:
        self.stream.close()
        self.server.close()


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.mark.parametrize(
    "payload",
    [
        EXTENSIONS + number(0xFFFFFFFF),
        EXTENSIONS + number(3) + text(b"name") + text(b"value"),
        PROMPTS + text(b"") * 3 + number(0xFFFFFFFF),
        PROMPTS + text(b"") * 3 + number(2) + text(b"?") + b"\0",
    ],
)
def test_a_list_that_is_longer_than_its_packet_is_refused(reader: Reader, payload: bytes) -> None:
    with pytest.raises(SSHException, match="the server sends a list of"):
        reader.read(payload)
    assert reader.stream.error
    assert reader.stream.error.kind == "protocol"


@pytest.mark.parametrize(
    "payload",
    [
        EXTENSIONS + number(0),
        EXTENSIONS + number(1) + text(b"server-sig-algs") + text(b"ssh-ed25519,rsa-sha2-256"),
        PROMPTS + text(b"") * 3 + number(1) + text(b"Password: ") + b"\0",
        PROMPTS + text(b"Your password has expired.") + text(b"en"),  # a request to change it
        b"\x02" + text(b"x" * 60_000),
    ],
)
def test_other_packets_are_read_as_they_are(reader: Reader, payload: bytes) -> None:
    message = reader.read(payload)
    assert (message.get_so_far(), message.get_remainder()) == (b"", payload[1:])


def test_the_text_of_a_debug_message_is_cut(reader: Reader) -> None:
    message = reader.read(DEBUG + b"\1" + text(b"ab" * 30_000) + text(b"en"))
    assert (message.get_boolean(), message.get_string()) == (True, b"ab" * 200)
    assert message.get_string() == b""


def test_a_message_of_numbers_takes_no_second(reader: Reader) -> None:
    """A key exchange has numbers, which paramiko reads in a quadratic time."""
    message = reader.read(b"\x1f" + text(b"\x7f" * 60_000))
    began = time.process_time()
    assert message.get_mpint().bit_length() == 60_000 * 8 - 1
    assert time.process_time() - began < 1


@pytest.mark.parametrize(("kind", "numbers"), [(DISCONNECT, 1), (REFUSAL, 2)])
def test_a_reason_that_is_not_in_utf_8_can_be_read(
    reader: Reader, kind: bytes, numbers: int
) -> None:
    words = text("Zugriff für Gäste".encode("latin-1"))
    message = reader.read(kind + b"".join(map(number, range(2, 2 + numbers))) + words + text(b"de"))
    assert [message.get_int() for _ in range(numbers)] == list(range(2, 2 + numbers))
    assert message.get_text() == "Zugriff f\ufffdr G\ufffdste"
