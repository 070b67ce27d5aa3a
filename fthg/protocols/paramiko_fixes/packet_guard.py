"""Stops packets that cost paramiko (2.12 to 5.1) minutes or hours, in which nothing else runs.

It believes the count before a list and reads on beyond the end of the packet, up to 4 billion empty
entries, and it copies the text of a SSH_MSG_DEBUG once for each character. Besides, the reason of a
server that is not in UTF-8 ends in an error of its own.
"""

from __future__ import annotations

import paramiko
from paramiko.common import (
    MSG_CHANNEL_OPEN_FAILURE,
    MSG_DEBUG,
    MSG_DISCONNECT,
    MSG_EXT_INFO,
    MSG_USERAUTH_INFO_REQUEST,
)
from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

from ...errors import TransferError
from .transport_socket import TransportSocket

_LONGEST_TEXT = 400
"""Bytes of a debug message that are kept."""


class GuardedPacketizer(Packetizer):
    """Reads packets; refuses or shortens those that would block paramiko for long."""

    def __init__(self, stream: TransportSocket) -> None:
        super().__init__(stream.as_socket())
        self._stream = stream

    def read_message(self) -> tuple[int, paramiko.Message]:
        """Return the type of the next packet, and the packet; SSHException if it is refused."""
        kind, message = super().read_message()
        if kind == MSG_DEBUG:
            message = _shortened(message)
        elif kind == MSG_DISCONNECT:
            message = _readable(message, 1)
        elif kind == MSG_CHANNEL_OPEN_FAILURE:
            message = _readable(message, 2)
        elif kind == MSG_EXT_INFO:
            self._check_count(message, 8)  # name and value, each with its length
        elif kind == MSG_USERAUTH_INFO_REQUEST:
            for _ in range(3):  # name, instruction, language
                message.get_string()
            self._check_count(message, 5)  # prompt with its length, and a boolean
        return kind, message

    def _check_count(self, message: paramiko.Message, smallest: int) -> None:
        """Raise SSHException unless a packet has room for the entries of the list that follows."""
        count, left = message.get_int(), len(message.get_remainder())
        if count * smallest > left:
            reason = f"the server sends a list of {count} entries in {left} bytes"
            self._stream.error = TransferError("protocol", reason)
            raise SSHException(reason)
        message.rewind()


def _shortened(message: paramiko.Message) -> paramiko.Message:
    """Return a debug message with less text, and without its language."""
    always_display, text = message.get_boolean(), message.get_string()
    shorter = paramiko.Message()
    shorter.add_boolean(always_display)
    shorter.add_string(text[:_LONGEST_TEXT])
    shorter.add_string("")
    shorter.rewind()
    return shorter


def _readable(message: paramiko.Message, numbers: int) -> paramiko.Message:
    """Return a message of some numbers and a reason, with it in UTF-8, without its language."""
    readable = paramiko.Message()
    for _ in range(numbers):
        readable.add_int(message.get_int())
    readable.add_string(message.get_string().decode("utf-8", "replace"))
    readable.add_string("")
    readable.rewind()
    return readable
