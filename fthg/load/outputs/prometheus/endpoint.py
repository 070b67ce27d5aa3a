"""An HTTP server for scrapers: whatever its clients do, no transfer waits for it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Optional

import gevent
from gevent import socket
from gevent.pool import Pool

from ....clock import SECOND, Clock, run_loop_once
from ....errors import StartError
from ....log import Log
from .page import Page
from .place import Address
from .request import MOST, answer_head, answer_text, is_whole, read_request

_log = Log(__name__)

_CLIENTS = 16  # at once
_WAITING = 128  # to be accepted
_PAUSE = SECOND // 50
"""The time from one client to the next."""
_ASKING = 5.0  # seconds for a request
_ANSWERING = 10.0  # seconds for the answer to be made and taken: the timeout of Prometheus
_LAST = 0.3  # seconds for answers that are under way at the end
_PIECE = 65_536

_REMEDIES = {
    errno.EADDRINUSE: "another program listens there; name another port",
    errno.EACCES: "ports below 1024 need a right that this user lacks; name another port",
    errno.EADDRNOTAVAIL: "that is no address of this host; 0.0.0.0 stands for all of them",
}


class Endpoint:
    """An address at which a page is served.

    A client sends one request, of limited size and in limited time, and its connection is closed
    after the answer. Clients are accepted at a limited rate. Where there are too many, the one that
    has not asked for the longest time has to go.
    """

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address = address
        self._clock = clock
        self._socket: Optional[socket.socket] = None
        self._clients = Pool(_CLIENTS)
        self._asking: list[gevent.Greenlet] = []  # the oldest first

    def check(self) -> None:
        """Raise StartError if the address cannot be listened on."""
        self._listening().close()

    def listen(self) -> None:
        """Start listening; clients wait until they are served. StartError if it fails."""
        self._socket = self._listening()

    @contextmanager
    def serving(self, make: Callable[[], str]) -> Iterator[None]:
        """Serve the text that `make` returns, within the block; then listen no more."""
        page = Page(make, self._clock)
        accepting = gevent.spawn(self._accept, page)
        try:
            yield
        finally:
            accepting.kill()
            if self._socket is not None:
                self._socket.close()
            self._clients.join(timeout=_LAST)
            self._clients.kill()

    def _listening(self) -> socket.socket:
        try:
            host, port = self._address
            family, kind, number, _, where = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            made = socket.socket(family, kind, number)
            try:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                made.bind(where)
                made.listen(_WAITING)
            except BaseException:
                made.close()
                raise
        except (OSError, UnicodeError) as error:
            raise _unusable(self._address, error) from None
        return made

    def _accept(self, page: Page) -> None:
        assert self._socket is not None  # noqa: S101 - see listen
        while True:
            self._clock.sleep_until(self._clock.now() + _PAUSE)
            if self._clients.full() and self._asking:
                self._asking.pop(0).kill()
            self._clients.wait_available()
            with suppress(OSError):  # the client has gone, or no descriptor is left
                client, _ = self._socket.accept()
                self._clients.spawn(self._answer, client, page)

    def _answer(self, client: socket.socket, page: Page) -> None:
        with client, suppress(OSError), gevent.Timeout(_ASKING + _ANSWERING, False):
            data = self._ask(client)
            if data:
                self._reply(client, page, data)

    def _ask(self, client: socket.socket) -> bytes:
        """Return the head of a request; empty if the client does not send one in time."""
        me, data = gevent.getcurrent(), b""
        self._asking.append(me)
        try:
            with gevent.Timeout(_ASKING, False):
                while not is_whole(data):
                    piece = client.recv(MOST)
                    if not piece:
                        break
                    data += piece
                return data
        finally:
            if me in self._asking:
                self._asking.remove(me)
        return b""

    def _reply(self, client: socket.socket, page: Page, data: bytes) -> None:
        method, status = read_request(data)
        body = None
        if status == 200:
            try:
                body = page.read()
            except Exception as error:  # noqa: BLE001 - it must not end the run, but be known
                _log.warning("the figures for Prometheus failed", error=error)
                _log.debug("where it happened", exc_info=error)
                status = 500
        client.sendall(answer_head(status, body))
        if method != "HEAD":
            _send(client, answer_text(status) if body is None else body)
        client.shutdown(socket.SHUT_WR)


def _send(client: socket.socket, body: bytes) -> None:
    """Send a body, in pieces between which others have their turns."""
    view = memoryview(body)
    for start in range(0, len(body), _PIECE):
        client.sendall(view[start : start + _PIECE])
        run_loop_once()


def _unusable(address: Address, error: Exception) -> StartError:
    number = getattr(error, "errno", None)
    reason = os.strerror(number) if number and number > 0 else str(error)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        reason = f"{address.host} cannot be resolved"
    remedy = _REMEDIES.get(number or 0, "name another address")
    return StartError(f"run.metrics: cannot listen on {address}: {reason}; {remedy}")
