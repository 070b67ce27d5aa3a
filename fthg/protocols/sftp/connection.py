"""One SSH connection from TCP to an SFTP session, every step of it bounded in time."""

from __future__ import annotations

import contextlib
import logging
import socket
from typing import Any, Optional

import gevent
import paramiko
from paramiko.ssh_exception import AuthenticationException, ChannelException, SSHException

from ...clock import SECOND, Clock
from ...errors import StartError, TransferError
from ...log import Log
from ..dial import Dialer
from . import packets
from .host_keys import HostKeys, fingerprint
from .listener import Listener
from .login import Account, log_in, open_agent
from .session import Session
from .wire import Wire

_log = Log("fthg.sftp")

_FASTEST = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr")
"""Ciphers that cost least, best first; older releases of paramiko lack the first two."""

_NEVER = 1e9  # seconds

_ENDED = (
    "Channel is not open",
    "Channel closed.",
    "Negotiation failed.",
    "No existing session",
    "SSH session not active",
    "Unable to open channel.",
)
"""What paramiko says where the connection has ended and it does not know why."""


class Connection:
    """An SSH connection with one SFTP session; `moments` tells when each phase of opening began."""

    def __init__(
        self,
        account: Account,
        host_keys: HostKeys,
        dialer: Dialer,
        connect_timeout: float,
        clock: Clock,
    ) -> None:
        self.session: Optional[Session] = None
        self.moments: list[tuple[str, int]] = []
        self._account = account
        self._host_keys = host_keys
        self._dialer = dialer
        self._timeout = connect_timeout
        self._clock = clock
        self._listener = Listener(logging.getLogger("paramiko.transport"))
        self._wire: Optional[Wire] = None
        self._transport: Optional[paramiko.Transport] = None
        self._channel: Optional[paramiko.Channel] = None
        self._agent: Optional[paramiko.Agent] = None
        self._expired = False

    def open(self) -> Session:
        """Connect, log in and start SFTP within connect_timeout; raises TransferError."""
        deadline = self._clock.now() + int(self._timeout * SECOND)
        self._begin("connecting")
        wire = Wire(self._dialer.dial(self._account.host, self._account.port))
        self._wire = wire
        left = max(deadline - self._clock.now(), 0) / SECOND
        # paramiko has no deadline for the whole; each of its waits ends when the socket closes.
        guard = gevent.spawn_later(left, self._expire)
        try:
            self._begin("handshaking")
            transport = self._shake_hands(wire)
            self._begin("authenticating")
            means = self._log_in(transport)
            session = self.session = self._start_session(transport)
        except BaseException as error:
            failure = self._failure(error)
            self._shut()
            if failure is None:
                raise
            raise failure from error
        finally:
            guard.kill()
            self._close_agent()
        self._tell(transport, wire, means)
        return session

    def close(self, fault: TransferError) -> None:
        """End the connection; transfers under way fail with this fault."""
        if self.session:
            self.session.close(fault)
        self._shut()

    # --- the steps

    def _begin(self, phase: str) -> None:
        self.moments.append((phase, self._clock.now()))

    def _shake_hands(self, wire: Wire) -> paramiko.Transport:
        transport = self._transport = paramiko.Transport(_as_socket(wire))
        transport.logger = self._listener  # type: ignore[assignment]  # it needs no more of it
        # The guard decides. What follows the wall clock, which may be set meanwhile, is put off.
        transport.handshake_timeout = self._timeout + 1
        transport.auth_timeout = transport.clear_to_send_timeout = _NEVER
        self._prefer(transport.get_security_options())
        transport.start_client()
        key = transport.get_remote_server_key()
        self._host_keys.check(self._account.host, self._account.port, key)
        return transport

    def _prefer(self, options: Any) -> None:
        """Ask for the fastest ciphers, and for a host key of a kind that is known."""
        options.ciphers = _first(_FASTEST, options.ciphers)
        kinds = self._host_keys.kinds(self._account.host, self._account.port)
        wanted = [
            algorithm
            for kind in kinds
            for algorithm in (("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,))
        ]
        options.key_types = _first(wanted, options.key_types)

    def _log_in(self, transport: paramiko.Transport) -> str:
        if self._account.agent:
            self._agent = open_agent()
        return log_in(transport, self._account, self._agent)

    def _start_session(self, transport: paramiko.Transport) -> Session:
        try:
            channel = self._channel = transport.open_session(timeout=_NEVER)
            channel.invoke_subsystem("sftp")
        except ChannelException as error:
            reason = f"the server opens no session channel: {error}; see its MaxSessions"
            raise TransferError("channel", f"{self._account.place}: {reason}") from error
        except SSHException as error:
            # A connection that has just ended closes its channels first, and only then itself.
            cause = transport.get_exception()
            if cause:
                raise cause from error
            if not transport.is_active():
                raise
            reason = "the server has no SFTP subsystem, or not for this user"
            raise TransferError("channel", f"{self._account.place}: {reason}") from error
        channel.send(packets.init())
        version = self._read_version(channel)
        if version.version != 3:
            reason = f"the server speaks SFTP version {version.version}; version 3 is wanted"
            raise TransferError("protocol", f"{self._account.place}: {reason}")
        posix_rename = packets.POSIX_RENAME in version.extensions
        return Session(channel, posix_rename, self._clock.now, self._ended)

    def _read_version(self, channel: paramiko.Channel) -> packets.Version:
        splitter = packets.Splitter()
        while True:
            data = channel.recv(4096)
            if not data:
                cut = not channel.get_transport().is_active()
                fault = self._listener.fault(self._transport, channel)
                kind = fault.kind if cut else "channel"
                raise TransferError(kind, f"{self._account.place}: {fault.detail}")
            try:
                for packet in splitter.feed(data):
                    return packets.parse_version(packet)
            except TransferError as error:
                hint = "does a login script or ForceCommand print something?"
                raise TransferError("protocol", f"{error.detail}; {hint}") from error

    # --- the end

    def _expire(self) -> None:
        self._expired = True
        self._shut()

    def _close_agent(self) -> None:
        agent, self._agent = self._agent, None
        if agent:
            with contextlib.suppress(OSError):
                agent.close()

    def _shut(self) -> None:
        if self._transport:
            self._transport.close()
            # Its timer would otherwise live on until the handshake were overdue.
            self._transport.packetizer.complete_handshake()
        if self._wire:
            self._wire.close()
        self._close_agent()

    def _ended(self) -> TransferError:
        """Why the session ended; the connection ends with it."""
        fault = self._wire.fault if self._wire else None
        fault = fault or self._listener.fault(self._transport, self._channel)
        self._shut()
        place, reason = self._account.place, fault.detail
        _log.debug("SSH connection ended", server=place, kind=fault.kind, reason=reason)
        return TransferError(fault.kind, f"{place}: {reason}")

    def _failure(self, error: BaseException) -> Optional[TransferError]:
        """What to tell of an error while connecting; None: it is for somebody else."""
        phase, place = self.moments[-1][0], self._account.place
        if not isinstance(error, Exception):
            return None
        if self._expired:
            reason = f"{phase} was not done within connect_timeout ({self._timeout:g}s)"
            return TransferError("connect_timeout", f"{place}: {reason}")
        if isinstance(error, TransferError):
            return error
        if isinstance(error, StartError):  # the agent was there when the job was made
            return TransferError("auth", str(error))
        if self._wire and self._wire.fault:
            return TransferError(self._wire.fault.kind, f"{place}: {self._wire.fault.detail}")
        kind, reason = "protocol", str(error)
        if self._listener.farewell:
            kind = "auth" if phase == "authenticating" else "reset"
            reason = self._listener.farewell
        elif isinstance(error, AuthenticationException):  # older releases know no more of it
            kind, reason = "reset", "the server closed the connection"
        elif isinstance(error, (EOFError, OSError)) or "EOF" in reason or reason in _ENDED:
            kind, reason = "reset", reason or "the server closed the connection"
        return TransferError(kind, f"{place}, {phase}: {reason}")

    def _tell(self, transport: paramiko.Transport, wire: Wire, means: str) -> None:
        if not _log.enabled(logging.DEBUG):
            return
        key = transport.get_remote_server_key()
        _log.debug(
            "SSH connection",
            local=_address(wire.getsockname()),
            remote=_address(wire.getpeername()),
            server=transport.remote_version,
            kex=self._listener.kex,
            cipher=transport.local_cipher,
            mac="implicit" if "gcm" in transport.local_cipher else transport.local_mac,
            host_key=key.get_name(),
            fingerprint=fingerprint(key.asbytes()),
            user=self._account.user,
            auth=means,
        )


def _as_socket(wire: Wire) -> socket.socket:
    return wire  # type: ignore[return-value]  # paramiko takes anything of this form


def _first(wanted: Any, present: tuple[str, ...]) -> tuple[str, ...]:
    """What is present, with the wanted ones moved to the front."""
    return tuple(dict.fromkeys([*(w for w in wanted if w in present), *present]))


def _address(name: Any) -> str:
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"
