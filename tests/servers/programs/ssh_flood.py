"""A hostile SFTP server of paramiko: python ssh_flood.py PORT HOST_KEY FLOOD.

It floods each connection with packets of one kind, for as long as these are read, and answers
nothing else. `FLOODS` has those before the login, after SFTP's version, and of jump hosts.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Union

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, MSG_CHANNEL_FAILURE, OPEN_SUCCEEDED

Packets = Iterator[bytes]


def word(number: int) -> bytes:
    """Encode a number."""
    return struct.pack(">I", number)


def text(data: bytes) -> bytes:
    """Encode a string."""
    return word(len(data)) + data


def ignore() -> Packets:
    """Say nothing."""
    return itertools.repeat(b"\x02" + text(b"x"))


def debug(size: int = 20) -> Packets:
    """Say something for the log."""
    return itertools.repeat(b"\x04\x01" + text(b"\x00" * size) + text(b""))


def long_debug() -> Packets:
    """Say all for the log that fits into a packet of 60 KiB."""
    return debug(60_000)


def unimplemented() -> Packets:
    """Say that a packet was not understood."""
    return itertools.repeat(b"\x03" + word(1))


def keepalive() -> Packets:
    """Ask for a sign of life, and read the answers."""
    return itertools.repeat(b"\x50" + text(b"keepalive@openssh.com") + b"\x01")


def channel_request() -> Packets:
    """Ask something of the channel that nobody knows."""
    return itertools.repeat(b"\x62" + word(0) + text(b"none@example.com") + b"\x01")


def window() -> Packets:
    """Widen the channel's window, by a byte each time."""
    return itertools.repeat(b"\x5d" + word(0) + word(1))


def stderr() -> Packets:
    """Write to the channel's standard error, whatever its window is, or politely within it."""
    return itertools.repeat(b"\x5f" + word(0) + word(1) + text(b"x" * 30_000))


def half_packet() -> Packets:
    """Send the bytes of a long SFTP packet one by one, then the next one."""
    yield b"\x5e" + word(0) + text(word(200_000) + b"\x65" + word(1) + word(4) + word(199_000))
    yield from itertools.repeat(b"\x5e" + word(0) + text(b"x"))


def unasked() -> Packets:
    """Answer what nobody asked."""
    return (
        b"\x5e"
        + word(0)
        + text(b"".join(word(9) + b"\x65" + word(n + m) + word(0) for m in range(2000)))
        for n in itertools.count(1_000_000, 2000)
    )


def beyond_window() -> Packets:
    """Send data before it can be read, whatever the window is: SFTP does not begin."""
    return itertools.repeat(b"\x5e" + word(0) + text(b"x" * 30_000))


def extensions() -> Packets:
    """Announce four billion extensions in one packet."""
    return iter([b"\x07" + word(0xFFFFFFFF)])


def banner() -> Packets:
    """Greet the user at length."""
    return itertools.repeat(b"\x35" + text(b"Welcome! " * 6000) + text(b"en"))


def prompts() -> Packets:
    """Ask four billion questions in one packet."""
    return iter([b"\x3c" + text(b"") * 3 + word(0xFFFFFFFF)])


FLOODS: dict[str, dict[str, Callable[[], Packets]]] = {
    "raw": {"raw-ignore": ignore, "raw-debug": debug, "raw-long-debug": long_debug},
    "login": {
        "login-ignore": ignore,
        "login-banner": banner,
        "login-prompts": prompts,
        "login-extensions": extensions,
    },
    "channel": {"beyond-window": beyond_window},
    "tunnel": {"tunnel": beyond_window},
    "through": {"through-tunnel": ignore},
    "sftp": {
        "ignore": ignore,
        "debug": debug,
        "long-debug": long_debug,
        "unimplemented": unimplemented,
        "keepalive": keepalive,
        "deaf-keepalive": keepalive,
        "channel-request": channel_request,
        "window": window,
        "stderr": stderr,
        "polite-stderr": stderr,
        "half-packet": half_packet,
        "unasked": unasked,
        "extensions": extensions,
    },
}
"""Time → name → packets."""


class Hostile(paramiko.ServerInterface):
    """Lets everybody in, and floods in one of the steps."""

    def __init__(self, step: str, polite: bool, flood: Callable[[], None]) -> None:
        self._step = step
        self._polite = polite  # waits for the window
        self._flood = flood

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        """Offer what makes a client ask for a password."""
        return "publickey,keyboard-interactive"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        """Flood instead of an answer, or accept every key."""
        if self._step == "login":
            self._flood()
            return AUTH_FAILED
        return AUTH_SUCCESSFUL

    def check_auth_interactive(self, username: str, submethods: str) -> int:  # noqa: ARG002
        """Flood instead of an answer."""
        self._flood()
        return AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        """Open every channel."""
        return OPEN_SUCCEEDED

    def check_channel_direct_tcpip_request(
        self,
        chanid: int,  # noqa: ARG002
        origin: object,  # noqa: ARG002
        destination: object,  # noqa: ARG002
    ) -> int:
        """Flood instead of an answer, or be a jump host to anywhere."""
        if self._step == "tunnel":
            self._flood()
        return OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel: paramiko.Channel, name: str) -> bool:  # noqa: ARG002
        """Flood instead of an answer, or begin SFTP and then flood."""
        if self._step == "channel":
            self._flood()
            return False
        threading.Thread(target=self._begin, args=(channel,), daemon=True).start()
        return True

    def _begin(self, channel: paramiko.Channel) -> None:
        channel.recv(1000)
        channel.sendall(word(5) + b"\x02" + word(3))
        channel.recv(1000)  # the first request
        if self._polite:
            while True:
                channel.sendall_stderr(b"x" * 30_000)
        self._flood()


def serve(stream: socket.socket, key: paramiko.PKey, step: str, name: str) -> None:
    """Flood one connection until it ends."""
    packets = FLOODS[step][name]
    with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
        if step == "raw":
            flood_raw(stream, packets())
            return
        transport = paramiko.Transport(stream)
        transport.add_server_key(key)

        def flood() -> None:
            if name.startswith("deaf"):
                setattr(transport.packetizer, "read_message", threading.Event().wait)  # noqa: B010
            for packet in packets():
                transport._send_message(paramiko.Message(packet))  # type: ignore[attr-defined]
            threading.Event().wait()

        transport.start_server(server=Hostile(step, name.startswith("polite"), flood))
        if step == "through" and (tunnel := transport.accept()):
            flood_raw(tunnel, packets())
        transport.join()


def flood_raw(stream: Union[socket.socket, paramiko.Channel], packets: Packets) -> None:
    """Flood before keys are exchanged: it costs the server next to nothing."""
    payload = next(packets)
    padding = 4 + -(len(payload) + 9) % 8
    packet = struct.pack(">IB", len(payload) + padding + 1, padding) + payload + bytes(padding)
    stream.sendall(b"SSH-2.0-flood\r\n")
    much = packet * max(1, 65536 // len(packet))
    while True:
        stream.sendall(much)


def main(port: str, host_key: str, name: str) -> None:
    """Serve until the process is ended."""
    key = paramiko.Ed25519Key(filename=host_key)
    # By itself it closes a channel whose request is refused.
    table = paramiko.Transport._channel_handler_table  # type: ignore[attr-defined]
    table[MSG_CHANNEL_FAILURE] = lambda *_: None
    step = next(step for step, names in FLOODS.items() if name in names)
    with socket.create_server(("127.0.0.1", int(port)), backlog=64) as listener:
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=serve, args=(stream, key, step, name), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
