"""Opens an SSH channel and starts SFTP version 3 on it."""

from __future__ import annotations

import contextlib

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from ....errors import TransferError
from ...paramiko_fixes.stderr_tail import StderrTail
from ...paramiko_fixes.timeouts import NEVER
from ...paramiko_fixes.transport_log import TransportLog
from .. import packets

_WINDOW = 256 * 1024
"""Bytes that the server may send before some are read: enough for the answers to all requests."""


def open_channel(transport: paramiko.Transport, server: str) -> paramiko.Channel:
    """Return a channel with the SFTP subsystem.

    Raises TransferError (channel), or paramiko's own exception if the connection has ended.
    """
    try:
        channel = transport.open_session(window_size=_WINDOW, timeout=NEVER)
        channel.invoke_subsystem("sftp")
    except ChannelException as error:
        reason = f"the server opens no session channel: {error.text}; see its MaxSessions"
        raise TransferError("channel", f"{server}: {reason}") from error
    except SSHException as error:
        # A connection that has just ended closes its channels first, and only then itself.
        cause = transport.get_exception()
        if cause:
            raise cause from error
        if not transport.is_active():
            raise
        reason = "the server has no SFTP subsystem, or not for this user"
        raise TransferError("channel", f"{server}: {reason}") from error
    return channel


def start_sftp(
    channel: paramiko.Channel, stderr: StderrTail, log: TransportLog, server: str
) -> packets.Version:
    """Exchange versions with the server; raises TransferError unless it speaks version 3."""
    with contextlib.suppress(OSError):  # the server has closed it: what it said is read below
        channel.send(packets.init())
    version = _read_version(channel, stderr, log, server)
    if version.version != 3:
        reason = f"the server speaks SFTP version {version.version}; fthg needs version 3"
        raise TransferError("protocol", f"{server}: {reason}")
    return version


def _read_version(
    channel: paramiko.Channel, stderr: StderrTail, log: TransportLog, server: str
) -> packets.Version:
    splitter = packets.Splitter()
    while True:
        data = channel.recv(4096)
        if not data:
            transport = channel.get_transport()
            reason = log.reason(transport, channel, stderr.text)
            kind = "channel" if transport.is_active() else reason.kind
            raise TransferError(kind, f"{server}: {reason.detail}")
        try:
            for packet in splitter.feed(data):
                return packets.parse_version(packet)
        except TransferError as error:
            hint = "does a login script or ForceCommand print something?"
            raise TransferError("protocol", f"{error.detail}; {hint}") from error
