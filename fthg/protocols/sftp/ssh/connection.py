"""Opens one SSH connection, from TCP to an SFTP session, within connect_timeout."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Optional, TypeVar

import gevent
import paramiko

from ....clock import SECOND, Clock
from ....errors import StartError, TransferError
from ....log import Log
from ....peer import Peer
from ....transfer import cut_detail
from ...addresses import show_address
from ...paramiko_fixes.client_transport import ClientTransport
from ...paramiko_fixes.packet_guard import GuardedPacketizer
from ...paramiko_fixes.stderr_tail import StderrTail
from ...paramiko_fixes.timeouts import close_transport, leave_deadline_to_caller
from ...paramiko_fixes.transport_log import TransportLog
from ...paramiko_fixes.transport_socket import TransportSocket
from ...paramiko_fixes.unread import unread_bytes
from ...peers import peer_of
from .. import packets
from ..session import Session
from . import handshake
from .agent import Agent, open_agent
from .algorithms import Algorithms
from .channel import open_channel, start_sftp
from .host_keys import HostKeys
from .known_hosts import fingerprint
from .login import Account, LostLoginError, explain_by_login, log_in
from .way import Reach, Reached

_log = Log("fthg.sftp")

_LATER = 0.1
"""Seconds that the agent gets beyond the deadline, which so strikes first and names itself."""

Started = TypeVar("Started")

_ENDED = ("reset", "channel")
"""Kinds of the failure to start SFTP that the end of a connection beneath may have caused."""


class SshConnection:
    """An SSH connection with one SFTP session; `moments` has the phases of opening it."""

    def __init__(
        self,
        account: Account,
        host_keys: HostKeys,
        reach: Reach,
        connect_timeout: float,
        clock: Clock,
        algorithms: Algorithms,
    ) -> None:
        self.session: Optional[Session] = None
        self.moments: list[tuple[str, int]] = []
        """The phases of opening so far, each with the moment at which it began."""
        self._peers: Optional[tuple[Peer, Peer]] = None  # for the first transfers, and later ones
        self._account = account
        self._host_keys = host_keys
        self._reach = reach
        self._connect_timeout = connect_timeout
        self._clock = clock
        self._algorithms = algorithms
        self._transport_log = TransportLog(logging.getLogger("paramiko.transport"), clock.now)
        self._reached: Optional[Reached] = None
        self._socket: Optional[TransportSocket] = None
        self._transport: Optional[ClientTransport] = None
        self._channel: Optional[paramiko.Channel] = None
        self._stderr: Optional[StderrTail] = None
        self._agent: Optional[Agent] = None
        self._expired = False
        self._ended = False

    def open(self) -> Session:
        """Connect, log in and start SFTP within connect_timeout; raises TransferError."""
        return self.connect(self._start_session)

    def connect(self, start: Callable[[paramiko.Transport], Started]) -> Started:
        """Connect, log in and start something, all within connect_timeout; return what started."""
        deadline = self._clock.now() + int(self._connect_timeout * SECOND)
        reached = self._reached = self._reach(self._account.host, self._account.port, self._enter)
        stream = self._socket = TransportSocket(reached.stream, self._clock.now, reached.early)
        left = max(deadline - self._clock.now(), 0) / SECOND
        # paramiko has no deadline for the whole; each of its waits ends when the socket closes.
        timer = gevent.spawn_later(left, self._expire)
        try:
            self._peers = _peers(reached.stream)
            self._enter("handshaking")
            transport = self._shake_hands(stream)
            self._enter("authenticating")
            method = self._log_in(transport, deadline)
            started = start(transport)
        except BaseException as error:
            failure = self._failure(error)
            self._close_all()
            if failure is None:
                raise
            raise failure from error
        finally:
            timer.kill()
            self._close_agent()
        self._log_connection(transport, stream, method)
        return started

    @property
    def loss(self) -> Optional[TransferError]:
        """Why it has ended; None while it stands."""
        transport = self._transport
        if transport and transport.is_active() and transport.saved_exception is None:
            return None
        error = self._socket.error if self._socket else None
        return error or self._transport_log.reason(transport, None)

    @property
    def refusal(self) -> str:
        """The server's words when it refused to open a channel."""
        return self._transport_log.refusal

    def close(self, error: TransferError) -> None:
        """End the connection; transfers under way fail with this error."""
        if self.session:
            self._log_end(error, by_us=True)
            self.session.close(error)
        self._close_all()

    def peer(self, reused: bool) -> Optional[Peer]:
        """Return the two ends of the connection; None before there is one."""
        return self._peers[reused] if self._peers else None

    def explain(self, reason: str) -> str:
        """Return a reason with what is known of the connection: for timeouts and losses."""
        state = self._socket.state if self._socket else ""
        return f"{self._account.server}: {reason}" + (f" ({state})" if state else "")

    # --- the steps

    def _enter(self, phase: str) -> None:
        self.moments.append((phase, self._clock.now()))

    def _shake_hands(self, stream: TransportSocket) -> paramiko.Transport:
        transport = self._transport = ClientTransport(stream.as_socket())
        transport.logger = self._transport_log  # type: ignore[assignment]  # it needs no more of it
        leave_deadline_to_caller(transport, self._connect_timeout)
        transport.packetizer = GuardedPacketizer(stream)
        stream.unread = partial(unread_bytes, transport)
        host, port = self._account.host, self._account.port
        handshake.shake_hands(
            transport, host, port, self._algorithms, self._host_keys, self._clock.utc
        )
        return transport

    def _log_in(self, transport: paramiko.Transport, deadline: int) -> str:
        fault = self._open_agent(deadline) if self._account.agent else ""
        try:
            return log_in(transport, self._account, self._agent)
        except LostLoginError as error:
            ended = self._transport_log.disconnect
            if not (ended or error.explained):
                raise
            ended = ended or "the server closed the connection"
            reason = f"{self._account.server}, authenticating: {ended}; {error.words}{fault}"
            raise TransferError("auth", cut_detail(reason)) from None
        except TransferError as error:
            if not fault:
                raise
            raise TransferError(error.kind, cut_detail(error.detail + fault)) from None

    def _open_agent(self, deadline: int) -> str:
        """Connect to the agent; return why that cannot be done, if there are other means.

        Raises StartError if there are none.
        """
        left = max(deadline - self._clock.now(), 0) / SECOND
        try:
            self._agent = open_agent(left + _LATER)
        except StartError as error:
            if self._expired or not (self._account.key or self._account.password):
                raise
            return f"; {error}"
        return ""

    def _start_session(self, transport: paramiko.Transport) -> Session:
        server = self._account.server
        try:
            channel = self._channel = open_channel(transport, server)
            stderr = self._stderr = StderrTail(channel)
            version = start_sftp(channel, stderr, self._transport_log, server)
        except TransferError as error:
            raise explain_by_login(error, transport) from error.__cause__
        posix_rename = packets.POSIX_RENAME in version.extensions
        session = Session(channel, posix_rename, self._clock.now, self._on_end)
        self.session = session
        return session

    # --- the end

    def _expire(self) -> None:
        self._clock.read_what_is_ready()
        self._expired = True
        self._close_all()

    def _close_agent(self) -> None:
        agent, self._agent = self._agent, None
        if agent:
            with contextlib.suppress(OSError):
                agent.close()

    def _close_all(self) -> None:
        if self._transport:
            close_transport(self._transport)
        if self._socket:
            self._socket.close()
        self._close_agent()

    def _on_end(self) -> TransferError:
        """End the connection after its session, and return the reason."""
        error = self._fault()
        stderr = self._stderr.text if self._stderr else ""
        error = error or self._transport_log.reason(self._transport, self._channel, stderr)
        self._log_end(error, by_us=False)
        self._close_all()
        return TransferError(error.kind, self.explain(error.detail))

    def _fault(self) -> Optional[TransferError]:
        """Return what is known of the stream's end and not of paramiko; None: nothing."""
        if self._reached and (reason := self._reached.lost()):
            return TransferError("reset", reason)
        return self._socket.error if self._socket else None

    def _log_end(self, error: TransferError, *, by_us: bool) -> None:
        if self._ended:
            return
        self._ended = True
        server, reason = self._account.server, error.detail
        if by_us:
            _log.debug("SSH connection closed", server=server, reason=reason)
        else:
            _log.debug("SSH connection ended", server=server, kind=error.kind, reason=reason)

    def _failure(self, error: BaseException) -> Optional[TransferError]:
        """Translate an error raised while connecting; None: it is not about the connection."""
        phase, server = self.moments[-1][0], self._account.server
        if not isinstance(error, Exception):
            return None
        if self._expired:
            limit = f"connect_timeout ({self._connect_timeout:g}s)"
            reason = f"{phase} was not done within {limit}{_so_far(error)}"
            return TransferError("connect_timeout", cut_detail(f"{server}: {reason}"))
        if isinstance(error, TransferError):
            lost = self._reached.lost() if self._reached and error.kind in _ENDED else ""
            return TransferError("reset", f"{server}: {lost}") if lost else error
        if isinstance(error, StartError):  # the agent was there when the job was made
            return TransferError("auth", str(error))
        if fault := self._fault():
            return TransferError(fault.kind, f"{server}: {fault.detail}")
        kind, reason = self._kind_and_reason(error, phase)
        return TransferError(kind, f"{server}, {phase}: {reason}")

    def _kind_and_reason(self, error: Exception, phase: str) -> tuple[str, str]:
        kind, reason = self._transport_log.failure(error, authenticating=phase == "authenticating")
        if self._transport and phase == "authenticating":
            reason = handshake.explain_signature(self._transport, reason)
        elif self._transport and (words := handshake.disagreement(self._transport)):
            disconnect = self._transport_log.disconnect
            kind, reason = "protocol", words + (f"; {disconnect}" if disconnect else "")
        return kind, cut_detail(reason)

    def _log_connection(
        self, transport: paramiko.Transport, stream: TransportSocket, method: str
    ) -> None:
        if not _log.enabled(logging.DEBUG):
            return
        key = transport.get_remote_server_key()
        _log.debug(
            "SSH connection",
            local=show_address(stream.getsockname()),
            remote=show_address(stream.getpeername()),
            server=transport.remote_version,
            kex=self._transport_log.kex,
            cipher=transport.local_cipher,
            mac="implicit" if "gcm" in transport.local_cipher else transport.local_mac,
            host_key=transport.host_key_type,
            fingerprint=fingerprint(key.asbytes()),
            user=self._account.user,
            auth=method,
        )


def _so_far(error: Exception) -> str:
    """Return what is known of a login that took too long: the means tried, or the agent's fault."""
    if isinstance(error, LostLoginError):
        return f"; {error.words}"
    return f"; {error}" if isinstance(error, StartError) else ""


def _peers(stream: socket.socket) -> Optional[tuple[Peer, Peer]]:
    """Return the ends of a connection, for its first transfers and for those after them."""
    first = peer_of(stream)
    return (first, first._replace(reused=True)) if first else None
