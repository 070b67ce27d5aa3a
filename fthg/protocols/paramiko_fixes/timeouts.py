"""Replaces paramiko's timeouts of single steps (2.12 to 5.1) by the caller's deadline."""

from __future__ import annotations

import paramiko

NEVER = 1e9  # seconds


def leave_deadline_to_caller(transport: paramiko.Transport, connect_timeout: float) -> None:
    """Disable the timeouts of a transport: closing its socket ends every wait.

    They follow the wall clock, which may be set meanwhile. The handshake's own stays a little
    later than the caller's deadline: without it a stalled key exchange leaves a thread behind.
    """
    transport.handshake_timeout = connect_timeout + 5
    transport.auth_timeout = transport.clear_to_send_timeout = NEVER


def close_transport(transport: paramiko.Transport) -> None:
    """Close a transport and the timer of its handshake, which would live on until it is due."""
    transport.close()
    transport.packetizer.complete_handshake()
