"""Sends files by SFTP: the transfers of a job share a few SSH connections."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping, Sequence
from typing import ClassVar, Optional

from ...clock import SECOND, Clock
from ...content import Content
from ...errors import StartError, TransferError
from ...log import Log
from ...peer import Peer
from ...transfer import Sent, Transfer, cut_detail
from ..bandwidth import Budget
from ..base import Sender
from ..deadlines import Deadlines, TimeUpError
from ..dial import Dialer
from ..files import Files, with_content
from ..paramiko_fixes.message_repr import shorten_message_repr
from ..paramiko_fixes.short_exponent import shorten_exponents
from ..secret_text import SecretText
from ..stopwatch import Stopwatch
from . import packets
from .abilities import BLOCK
from .options import KEYS, SftpOptions
from .pool import PooledConnection, SshPool
from .remote_path import RemoteNames, RemotePaths
from .session import Session
from .ssh import handshake, private_keys
from .ssh.agent import check_agent
from .ssh.algorithms import Algorithms
from .ssh.connection import SshConnection
from .ssh.host_keys import HostKeys
from .ssh.jump_host import JumpHost, jump_account, naming_jump
from .ssh.login import Account
from .ssh.way import Reach, way
from .steps import UploadSettings
from .upload import Upload

_ATTEMPTS = 3
"""The most connections that are tried in turn for a file of which nothing has been sent."""

_MOST_ABANDONED = 32
"""Uploads that the server left unanswered on one connection before others go on a new one."""


_log = Log("fthg.sftp")


class SftpSender(Sender):
    """Uploads by SFTP version 3 over SSH, many files at once on one connection."""

    keys = KEYS
    options_type = SftpOptions
    max_in_flight: ClassVar[int] = 64
    default_connections: ClassVar[Optional[int]] = 1

    def __init__(self, options: SftpOptions, clock: Clock) -> None:
        shorten_message_repr()
        shorten_exponents()
        self._clock = clock
        self._options = options
        self._warned = False
        self._deadlines = Deadlines(options.timeout, clock)
        self._files = Files()
        self._paths = RemotePaths(
            options.server.rest, options.remote_name, options.part_name, options.marker
        )
        self._settings = UploadSettings(options.mkdir, options.mode, options.check_size)
        self._longest_silence = round(min(options.timeout / 2, options.connect_timeout) * SECOND)
        self._dialer = Dialer(options, clock)
        self._account = _account(options)
        if self._account.key:
            handshake.check_signatures(self._account.key.last.get_name(), options.algorithms)
        self._host_keys = HostKeys(
            options.known_hosts, options.host_key, options.server.host, options.server.port
        )
        self._reach = self._find_way(options)
        # A schedule goes on whatever happens: its transfers may not all try to log in. At the rate
        # max, senders wait anyway; without reuse, each transfer is to log in.
        back_off = options.reuse and options.paced
        size = options.connections if options.reuse else None
        silence = round(options.connect_timeout * SECOND)
        self._pool = SshPool(self._connect, size, clock, back_off, silence)

    def send(self, transfer: Transfer) -> Sent:
        """Upload one file; raises TransferError."""
        watch = Stopwatch(self._clock.now)
        try:
            with self._deadlines, self._files.open(transfer) as content:
                if self._paths.show_content:
                    transfer = with_content(transfer, content)
                upload, peer = self._deliver(self._paths.names(transfer), content, watch)
        except TransferError as error:
            raise _copy(error, error.sent, error.peer, watch.phases()) from error.__cause__
        except TimeUpError:
            raise _copy(self._late(watch.phase), 0, None, watch.phases()) from None
        return Sent(packets.OK, upload.sent, watch.phases(), peer)

    def close(self) -> None:
        """End all connections; transfers under way fail."""
        self._pool.close(TransferError("reset", "the run has ended"))
        self._dialer.close()

    def _find_way(self, options: SftpOptions) -> Reach:
        """Return the function that reaches the server; StartError if a jump host's key is bad."""
        direct, jump = way(options, self._dialer, self._clock), options.jump
        if jump is None:
            return direct
        keys = self._host_keys
        if jump.known_hosts is not None and jump.known_hosts != options.known_hosts:
            with naming_jump():
                keys = HostKeys(jump.known_hosts, options.host_key, jump.host, jump.port)
        account = jump_account(jump, self._account)
        if account.key:
            with naming_jump():
                handshake.check_signatures(account.key.last.get_name(), jump.algorithms)
        host = JumpHost(account, keys, self._connection, jump.algorithms)
        return host.over(direct, options)

    def _connect(self) -> SshConnection:
        algorithms = self._options.algorithms
        return self._connection(self._account, self._host_keys, self._reach, algorithms)

    def _connection(
        self, account: Account, keys: HostKeys, reach: Reach, algorithms: Algorithms
    ) -> SshConnection:
        limit = self._options.connect_timeout
        return SshConnection(account, keys, reach, limit, self._clock, algorithms)

    def _deliver(
        self, names: RemoteNames, content: Content, watch: Stopwatch
    ) -> tuple[Upload, Optional[Peer]]:
        """Send the content, on another connection if one ends first; raises TransferError."""
        left = ""
        for _ in range(_ATTEMPTS):
            watch.enter("blocked")
            upload = Upload(names, content, self._settings, watch, self._budget())
            try:
                peer = self._put(upload, content, watch)
            except TransferError as error:
                raise _copy(
                    error, upload.sent, error.peer, more=upload.left or left
                ) from error.__cause__
            if not upload.may_be_repeated:
                break
            left = upload.left
        if upload.warning:
            self._warn(upload.warning)
        if upload.error:
            raise _copy(upload.error, upload.sent, peer, more=upload.left)
        return upload, peer

    def _budget(self) -> Optional[Budget]:
        rate = self._options.limit_rate
        return None if rate is None else Budget(rate, BLOCK, self._clock.now)

    def _put(self, upload: Upload, content: Content, watch: Stopwatch) -> Optional[Peer]:
        """Run the upload on one of the connections, and return that; the upload has the outcome."""
        with self._pool.take() as pooled:
            connection = pooled.connection
            reused = pooled.carried
            session = connection.session or self._wait_for(pooled, watch)
            pooled.carried = True
            peer = connection.peer(reused)
            try:
                session.put(upload)
            except TimeUpError:
                # A server that sends nothing at all is taken for lost; a slow one is not.
                silence = session.silence(self._clock.now())
                if silence >= self._longest_silence or session.abandoned >= _MOST_ABANDONED:
                    pooled.retired = True
                cause = self._limit(upload) if silence < SECOND else ""
                late = content.unanswered if upload.starved else None
                late = late or self._late(watch.phase, connection, cause)
                raise _copy(late, upload.sent, peer) from None
        return peer

    def _wait_for(self, pooled: PooledConnection, watch: Stopwatch) -> Session:
        """Return the session; phases of its opening count from the time this transfer waits."""
        began = self._clock.now()
        connection = pooled.connection
        moments = connection.moments
        try:
            session = pooled.wait()
        except TimeUpError:
            late = self._late(moments[-1][0], connection)
            raise _copy(late, 0, connection.peer(reused=False)) from None
        finally:
            for phase, moment in not_over(moments, began):
                watch.enter(phase, max(moment, began))
        watch.enter("blocked")
        return session

    def _warn(self, reason: str) -> None:
        """Log, once for a job, what the server refused although the files arrive."""
        if not self._warned:
            self._warned = True
            _log.warning(reason, job=self._options.job, server=self._account.server)

    def _limit(self, upload: Upload) -> str:
        """Return what limits an upload to a server that answers, or an empty text."""
        rate = self._options.limit_rate
        return f": limit_rate ({rate} bytes a second) held it back" if upload.held_back else ""

    def _late(
        self, phase: Optional[str], connection: Optional[SshConnection] = None, cause: str = ""
    ) -> TransferError:
        doing = f"still {phase}" if phase else "the digest of its content was still being computed"
        reason = f"not done within timeout ({self._options.timeout:g}s), {doing}{cause}"
        server = self._account.server
        return TransferError(
            "timeout", connection.explain(reason) if connection else f"{server}: {reason}"
        )


def not_over(moments: Sequence[tuple[str, int]], began: int) -> Sequence[tuple[str, int]]:
    """Return those of some phases and their starts that were not over at `began`."""
    started = sum(moment <= began for _, moment in moments)
    return moments[max(0, started - 1) :]


def _account(options: SftpOptions) -> Account:
    server = options.server
    key = certificate = None
    if options.key:
        key = private_keys.load(options.key, options.passphrase, options.certificate)
    elif options.certificate:
        certificate = private_keys.CertificateFile(options.certificate)
    passwords = (options.password, options.password_file, server.password)
    password = next((word for word in passwords if word is not None), None)
    if options.agent:
        try:
            check_agent(options.agent, certificate)
        except StartError as error:  # as for ssh it is no hindrance where there are other means
            if options.agent is not True or certificate or not (key or password):
                raise
            _log.warning(f"{error}; other means are tried", job=options.job)
    return Account(
        host=server.host,
        port=server.port,
        user=options.user or server.user or _own_name(),
        key=key,
        agent=options.agent,
        password=None if password is None else SecretText(password),
        certificate=certificate,
    )


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # which one depends on Python's version
        number = os.geteuid()
        raise StartError(f"user: the number {number} has no name on this host; set user:") from None


def _copy(
    error: TransferError,
    sent: int,
    peer: Optional[Peer],
    phases: Optional[Mapping[str, float]] = None,
    more: str = "",
) -> TransferError:
    """Return the error for one transfer: all those of a broken connection share the original."""
    detail = cut_detail(error.detail + more)
    return TransferError(error.kind, detail, code=error.code, sent=sent, phases=phases, peer=peer)
