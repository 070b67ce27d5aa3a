"""Hears what paramiko logs, since it tells some things nowhere else."""

from __future__ import annotations

import logging
from typing import Optional

import paramiko

from ...errors import TransferError


class Listener:
    """Takes paramiko's log lines, and keeps the two things that it tells nowhere else."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self.kex = ""
        self.farewell = ""  # the server's own words when it disconnects

    def log(self, level: int, message: str, *args: object) -> None:
        """Pass a line on to the log."""
        if message.startswith("Kex: "):
            self.kex = message[5:]
        elif message.startswith("Disconnect (code"):
            self.farewell = message
        self._logger.log(level, message, *args)

    def fault(
        self, transport: Optional[paramiko.Transport], channel: Optional[paramiko.Channel]
    ) -> TransferError:
        """Why a session that ended did so, as far as that can be known."""
        if self.farewell:
            return TransferError("reset", f"the server said: {self.farewell}")
        error = transport.get_exception() if transport else None
        if error and not isinstance(error, EOFError):
            kind = "reset" if isinstance(error, OSError) else "protocol"
            return TransferError(
                kind, f"the connection broke: {str(error) or type(error).__name__}"
            )
        if error or not channel or not channel.exit_status_ready():
            return TransferError("reset", "the server closed the connection")
        status = f"the server ended the SFTP session with exit status {channel.exit_status}"
        words = channel.recv_stderr(400) if channel.recv_stderr_ready() else b""
        told = f"{status}: {words.decode('utf-8', 'replace').strip()!r}" if words else status
        return TransferError("reset", told)
