"""The SSH transport of one connection, with the stream beneath it and the reason of its end."""

from __future__ import annotations

import logging
from functools import partial
from typing import Optional

from ....errors import TransferError
from ....log import Log
from ....transfer import cut_detail
from ...addresses import show_address
from ...paramiko_fixes.client_transport import ClientTransport
from ...paramiko_fixes.packet_guard import GuardedPacketizer
from ...paramiko_fixes.timeouts import close_transport, leave_deadline_to_caller
from ...paramiko_fixes.transport_log import TransportLog
from ...paramiko_fixes.transport_socket import TransportSocket
from ...paramiko_fixes.unread import unread_bytes
from ...stopwatch import Now
from . import handshake
from .known_hosts import fingerprint
from .way import Reached

_log = Log("fthg.sftp")


class Link:
    """A transport over a stream to the server, which may lead over a host between."""

    def __init__(self, reached: Reached, connect_timeout: float, now: Now) -> None:
        self.log = TransportLog(logging.getLogger("paramiko.transport"), now)
        self._reached = reached
        stream = self._socket = TransportSocket(reached.stream, now, reached.early)
        transport = self.transport = ClientTransport(stream.as_socket())
        transport.logger = self.log  # type: ignore[assignment]  # it needs no more of it
        leave_deadline_to_caller(transport, connect_timeout)
        transport.packetizer = GuardedPacketizer(stream)
        stream.unread = partial(unread_bytes, transport)

    def close(self) -> None:
        """End it, and whatever waits for it; may be called twice."""
        close_transport(self.transport)
        self._socket.close()

    @property
    def state(self) -> str:
        """The state of the TCP connection, for error texts."""
        return self._socket.state

    @property
    def lost_between(self) -> str:
        """Why a host between was lost; empty while it is not, or there is none."""
        return self._reached.lost()

    @property
    def fault(self) -> Optional[TransferError]:
        """The reason of the stream's end, if paramiko does not know it; else None."""
        if reason := self.lost_between:
            return TransferError("reset", reason)
        return self._socket.error

    @property
    def loss(self) -> Optional[TransferError]:
        """Why the transport has ended; None while it stands."""
        transport = self.transport
        if transport.is_active() and transport.saved_exception is None:
            return None
        return self._socket.error or self.log.reason(transport, None)

    def explain(self, error: Exception, *, authenticating: bool) -> tuple[str, str]:
        """Return kind and text of an error in the handshake, or in the login."""
        kind, reason = self.log.failure(error, authenticating=authenticating)
        if authenticating:
            reason = handshake.explain_signature(self.transport, reason)
        elif words := handshake.disagreement(self.transport):
            disconnect = self.log.disconnect
            kind, reason = "protocol", words + (f"; {disconnect}" if disconnect else "")
        return kind, cut_detail(reason)

    def describe(self, user: str, method: str) -> None:
        """Log the algorithms that were agreed on, and the login."""
        transport, stream = self.transport, self._socket
        if not _log.enabled(logging.DEBUG):
            return
        _log.debug(
            "SSH connection",
            local=show_address(stream.getsockname()),
            remote=show_address(stream.getpeername()),
            server=transport.remote_version,
            kex=self.log.kex,
            cipher=transport.local_cipher,
            mac="implicit" if "gcm" in transport.local_cipher else transport.local_mac,
            host_key=transport.host_key_type,
            fingerprint=fingerprint(transport.get_remote_server_key().asbytes()),
            user=user,
            auth=method,
        )
