"""Counts what paramiko (2.12 to 5.1) stores: it takes more than the window allows, without end."""

from __future__ import annotations

import paramiko


def unread_bytes(transport: paramiko.Transport) -> int:
    """Return the bytes that arrived for the channels and that nobody has read yet."""
    channels = transport._channels.values()  # type: ignore[attr-defined]  # nothing public has them
    return sum(len(each.in_buffer) + len(each.in_stderr_buffer) for each in channels)
