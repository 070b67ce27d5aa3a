"""Opens one SSH connection, from TCP to an SFTP session, within connect_timeout."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Optional, TypeVar

import gevent
import paramiko

from ....clock import SECOND, Clock
from ....errors import StartError, TransferError
from ....log import Log
from ....peer import Peer
from ....transfer import cut_detail
from ...paramiko_fixes.stderr_tail import StderrTail
from ...peers import peer_of
from ..abilities import Abilities
from ..session import Session
from . import handshake
from .agent import Agent, open_agent
from .algorithms import Algorithms
from .channel import open_channel, start_sftp
from .host_keys import HostKeys
from .link import Link
from .login import Account, LostLoginError, explain_by_login, log_in
from .way import Reach

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
        self._link: Optional[Link] = None
        self._channel: Optional[paramiko.Channel] = None
        self._stderr: Optional[StderrTail] = None
        self._agent: Optional[Agent] = None
        self._expired = False
        self._ended = False

    def open(self) -> Session:
        """Connect, log in and start SFTP within connect_timeout; raises TransferError."""
        return self.connect(self._start_session)

    def connect(self, start: Callable[[Link], Started]) -> Started:
        """Connect, log in and start something, all within connect_timeout; return what started."""
        deadline = self._clock.now() + int(self._connect_timeout * SECOND)
        reached = self._reach(self._account.host, self._account.port, self._enter)
        link = self._link = Link(reached, self._connect_timeout, self._clock.now)
        left = max(deadline - self._clock.now(), 0) / SECOND
        # paramiko has no deadline for the whole; each of its waits ends when the socket closes.
        timer = gevent.spawn_later(left, self._expire)
        try:
            self._peers = _peers(reached.stream)
            self._enter("handshaking")
            self._shake_hands(link)
            self._enter("authenticating")
            method = self._log_in(link, deadline)
            started = start(link)
        except BaseException as error:
            failure = self._failure(error, link)
            self._close_all()
            if failure is None:
                raise
            raise failure from error
        finally:
            timer.kill()
            self._close_agent()
        link.describe(self._account.user, method)
        return started

    @property
    def loss(self) -> Optional[TransferError]:
        """Why it has ended; None while it stands."""
        return self._link.loss if self._link else None

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
        state = self._link.state if self._link else ""
        return f"{self._account.server}: {reason}" + (f" ({state})" if state else "")

    # --- the steps

    def _enter(self, phase: str) -> None:
        self.moments.append((phase, self._clock.now()))

    def _shake_hands(self, link: Link) -> None:
        host, port = self._account.host, self._account.port
        handshake.shake_hands(
            link.transport, host, port, self._algorithms, self._host_keys, self._clock.utc
        )

    def _log_in(self, link: Link, deadline: int) -> str:
        fault = self._open_agent(deadline) if self._account.agent else ""
        try:
            return log_in(link.transport, self._account, self._agent)
        except LostLoginError as error:
            ended = link.log.disconnect
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

    def _start_session(self, link: Link) -> Session:
        server = self._account.server
        try:
            channel = self._channel = open_channel(link.transport, server)
            stderr = self._stderr = StderrTail(channel)
            version = start_sftp(channel, stderr, link.log, server)
        except TransferError as error:
            raise explain_by_login(error, link.transport) from error.__cause__
        abilities = Abilities(version.extensions)
        session = Session(channel, abilities, self._clock.now, lambda: self._on_end(link))
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
        if self._link:
            self._link.close()
        self._close_agent()

    def _on_end(self, link: Link) -> TransferError:
        """End the connection after its session, and return the reason."""
        stderr = self._stderr.text if self._stderr else ""
        error = link.fault or link.log.reason(link.transport, self._channel, stderr)
        self._log_end(error, by_us=False)
        self._close_all()
        return TransferError(error.kind, self.explain(error.detail))

    def _log_end(self, error: TransferError, *, by_us: bool) -> None:
        if self._ended:
            return
        self._ended = True
        server, reason = self._account.server, error.detail
        if by_us:
            _log.debug("SSH connection closed", server=server, reason=reason)
        else:
            _log.debug("SSH connection ended", server=server, kind=error.kind, reason=reason)

    def _failure(self, error: BaseException, link: Link) -> Optional[TransferError]:
        """Translate an error raised while connecting; None: it is not about the connection."""
        phase, server = self.moments[-1][0], self._account.server
        if not isinstance(error, Exception):
            return None
        if self._expired:
            limit = f"connect_timeout ({self._connect_timeout:g}s)"
            state = f"; {link.state}" if link.state else ""
            reason = f"{phase} was not done within {limit}{_so_far(error)}{state}"
            return TransferError("connect_timeout", cut_detail(f"{server}: {reason}"))
        if isinstance(error, TransferError):
            lost = link.lost_between if error.kind in _ENDED else ""
            return TransferError("reset", f"{server}: {lost}") if lost else error
        if isinstance(error, StartError):  # the agent was there when the job was made
            return TransferError("auth", str(error))
        if fault := link.fault:
            return TransferError(fault.kind, f"{server}: {fault.detail}")
        kind, reason = link.explain(error, authenticating=phase == "authenticating")
        return TransferError(kind, f"{server}, {phase}: {reason}")


def _so_far(error: Exception) -> str:
    """Return the state of a login that took too long: the means tried, or the agent's error."""
    if isinstance(error, LostLoginError):
        return f"; {error.words}"
    return f"; {error}" if isinstance(error, StartError) else ""


def _peers(stream: socket.socket) -> Optional[tuple[Peer, Peer]]:
    """Return the ends of a connection, for its first transfers and for those after them."""
    first = peer_of(stream)
    return (first, first._replace(reused=True)) if first else None
