"""Packets that are lost on the way to a socket: a classic BPF filter drops them (socket(7))."""

from __future__ import annotations

import ctypes
import socket
import struct

_LOAD_LENGTH, _GREATER, _RETURN = 0x80, 0x25, 0x06
_KEEP = 0xFFFFFFFF
_ATTACH, _DETACH = 26, 27  # SO_ATTACH_FILTER, SO_DETACH_FILTER of Linux


def drop_larger(stream: socket.socket, most: int) -> None:
    """Lose all packets of more bytes, TCP's header included; sockets that it accepts do so, too."""
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (_LOAD_LENGTH, 0, 0, 0),
            (_GREATER, 0, 1, most),
            (_RETURN, 0, 0, 0),
            (_RETURN, 0, 0, _KEEP),
        )
    )
    buffer = ctypes.create_string_buffer(program)
    count = len(program) // 8
    stream.setsockopt(
        socket.SOL_SOCKET, _ATTACH, struct.pack("HL", count, ctypes.addressof(buffer))
    )


def drop_none(stream: socket.socket) -> None:
    """Lose none any more; sockets that were accepted before still do."""
    stream.setsockopt(socket.SOL_SOCKET, _DETACH, struct.pack("i", 0))
