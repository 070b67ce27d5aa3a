"""Reads from the kernel how much of what was written to a TCP socket has arrived."""

from __future__ import annotations

import fcntl
import socket
import struct
import termios
from contextlib import suppress
from typing import NamedTuple, Optional

_INT = struct.Struct("i")
_UNSIGNED = struct.Struct("I")
_TOTAL_RETRANS = 100  # the offset of tcpi_total_retrans in struct tcp_info of Linux


class Delivery(NamedTuple):
    """The bytes not acknowledged by the peer; None where the kernel does not report them."""

    unacknowledged: Optional[int]  # bytes, as they were written: in TLS, encrypted ones
    retransmissions: Optional[int]  # segments that were sent again, since the connection began

    @property
    def waiting_for(self) -> str:
        """Return what a transfer waited for that had written all of its bytes."""
        if self.unacknowledged:
            return "all was written, but the server's host had not acknowledged all of it"
        return "all was sent, but the server had not answered"

    def __str__(self) -> str:
        """Return `1,048,576 bytes were still on this host (not acknowledged), …`, or nothing."""
        parts = []
        if self.unacknowledged:
            parts.append(
                f"{self.unacknowledged:,} bytes were still on this host (not acknowledged)"
            )
        if self.retransmissions:
            plural = "" if self.retransmissions == 1 else "s"
            parts.append(f"{self.retransmissions:,} retransmission{plural}")
        return ", ".join(parts)


def delivery_of(stream: socket.socket) -> Delivery:
    """Return how far the bytes written to a socket have come; also after a reset, until `close()`.

    Everything written but not acknowledged counts, whether it has left this host or not.
    """
    unacknowledged = retransmissions = None
    with suppress(OSError, ValueError):  # ValueError: it is closed
        waiting = fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, bytes(_INT.size))
        (unacknowledged,) = _INT.unpack(waiting)
    with suppress(OSError, struct.error):
        info = stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TOTAL_RETRANS + 4)
        (retransmissions,) = _UNSIGNED.unpack_from(info, _TOTAL_RETRANS)
    return Delivery(unacknowledged, retransmissions)
