"""Finds out why an SSH connection ended: paramiko (2.12 to 5.1) says it only in its log."""

from __future__ import annotations

import logging
import re
from typing import Optional

import paramiko
from cryptography.exceptions import InvalidTag
from paramiko.ssh_exception import AuthenticationException

from ...clock import SECOND
from ...errors import TransferError
from ...text import cut
from ..stopwatch import Now

_MOST_LINES = 200
"""Lines of one connection that are logged in a second: a server may cause one with each packet."""

_LONGEST_WORDS = 400
"""Characters of what a server says that are kept."""

_GAVE_UP = ("Exception (client): ", "Unknown exception: ")
"""The line with which paramiko logs an exception that ends the connection."""

_REFUSAL = re.compile(r"Secsh channel \d+ open FAILED: (.*): [^:]*", re.DOTALL)

_NO_REASON = (
    "Authentication failed.",
    "Channel is not open",
    "Channel closed.",
    "Negotiation failed.",
    "No existing session",
    "SSH session not active",
    "Unable to open channel.",
)
"""Messages of exceptions that only mean that the connection has ended."""


class TransportLog:
    """The logger of one transport; keeps the facts that no attribute of it has."""

    def __init__(self, logger: logging.Logger, now: Now) -> None:
        self._logger = logger
        self._now = now
        self._second = 0  # the present one
        self._lines = 0  # in it
        self.kex = ""
        """The algorithm of the key exchange."""
        self.refusal = ""
        """The server's words when it last refused to open a channel."""
        self.disconnect = ""
        """The server's own words when it disconnected."""
        self.gave_up = ""
        """Why paramiko itself ended the connection: it returns that only once."""

    def log(self, level: int, message: str, *args: object) -> None:
        """Pass a line on to the logger; paramiko calls no other method."""
        message = cut(message, _LONGEST_WORDS)  # most of it may be the server's
        if message.startswith("Kex: "):
            self.kex = message[5:]
        elif message.startswith("Disconnect (code"):
            self.disconnect = message
        elif message.startswith(_GAVE_UP):
            self.gave_up = message.partition(": ")[2] or "an exception without words"
        elif match := _REFUSAL.match(message):
            self.refusal = match[1]
        if self._logger.isEnabledFor(level) and self._has_room():
            self._logger.log(level, message, *args)

    def _has_room(self) -> bool:
        """Count a line; return False if there were too many in this second."""
        second, more = self._now() // SECOND, self._lines - _MOST_LINES
        if second != self._second:
            self._second, self._lines = second, 0
            if more > 0:
                self._logger.debug("%d lines were left out", more)
        self._lines += 1
        return self._lines <= _MOST_LINES

    def failure(self, error: Exception, *, authenticating: bool) -> tuple[str, str]:
        """Return the kind of an exception while connecting, and its reason."""
        if self.disconnect:
            words = f"{self.gave_up}; {self.disconnect}" if self.gave_up else self.disconnect
            return "auth" if authenticating else "reset", words
        if not is_connection_loss(error):
            kind = "auth" if isinstance(error, AuthenticationException) else "protocol"
            return kind, _words(error)
        if self.gave_up:
            return "protocol", self.gave_up
        text = "" if isinstance(error, AuthenticationException) else str(error)
        return "reset", text or "the server closed the connection"

    def reason(
        self,
        transport: Optional[paramiko.Transport],
        channel: Optional[paramiko.Channel],
        stderr: str = "",
    ) -> TransferError:
        """Return why a session ended, as far as that can be known."""
        if self.disconnect:
            return TransferError("reset", f"the server said: {self.disconnect}")
        error = transport.get_exception() if transport else None
        if error and not isinstance(error, EOFError):
            kind = "reset" if isinstance(error, OSError) else "protocol"
            return TransferError(
                kind,
                f"the connection broke: {_words(error)[:_LONGEST_WORDS]}",
            )
        if self.gave_up:
            return TransferError("protocol", f"the connection broke: {self.gave_up}")
        if error or not channel or not channel.exit_status_ready():
            return TransferError("reset", "the server closed the connection")
        detail = f"the server ended the SFTP session with exit status {channel.exit_status}"
        if stderr:
            detail += f": {stderr!r}"
        return TransferError("reset", detail)


def _words(error: Exception) -> str:
    if isinstance(error, InvalidTag):  # it has none
        return "the authentication tag of a packet is wrong"
    return str(error) or type(error).__name__


def is_connection_loss(error: Exception) -> bool:
    """Return True if an exception of paramiko means no more than that the connection ended."""
    text = str(error)
    return isinstance(error, (EOFError, OSError)) or "EOF" in text or text in _NO_REASON
