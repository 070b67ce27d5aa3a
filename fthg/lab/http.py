"""HTTP and HTTPS ingress: PUT and POST, raw or multipart, streamed to files."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Optional

from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer
from gevent.socket import wait_read

from . import multipart
from .certificates import Pair
from .faults import Faults
from .ingress import Arrival, Ingress
from .passage import identify

_BLOCK = 1 << 18
_CONNECTIONS = 20_000
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time


class Cut(Exception):  # noqa: N818 - it is no error, but intended
    """The end of a connection without an answer."""


class Reception:
    """The WSGI application: receives files, with random faults."""

    def __init__(
        self,
        ingress: Ingress,
        faults: Faults,
        *,
        protocol: str,
        accounts: Optional[Mapping[str, str]] = None,
    ) -> None:
        """Ask for one of the accounts, if they are given."""
        self._ingress = ingress
        self._faults = faults
        self._protocol = protocol
        self._accepted = accounts and {
            "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
            for user, password in accounts.items()
        }

    def __call__(self, environ: dict[str, Any], answer: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        method = environ["REQUEST_METHOD"]
        if self._accepted and environ.get("HTTP_AUTHORIZATION") not in self._accepted:
            challenge = ("WWW-Authenticate", 'Basic realm="fthg lab"')
            return _say(answer, "401 Unauthorized", "name and password are required", challenge)
        if method in ("GET", "HEAD"):
            return _say(answer, "200 OK", json.dumps(asdict(self._faults.counts)))
        if method not in ("PUT", "POST"):
            allow = ("Allow", "PUT, POST, GET, HEAD")
            return _say(answer, "405 Method Not Allowed", "use PUT or POST", allow)
        fault = self._faults.draw()
        if fault == "refuse":
            self._faults.counts.refused += 1
            return _say(answer, "503 Service Unavailable", "refused at random by the lab")
        if fault == "hang":
            self._hang(environ)
        return self._take(environ, answer, cut=fault == "cut")

    def _take(
        self, environ: dict[str, Any], answer: Callable[..., Any], *, cut: bool
    ) -> Iterable[bytes]:
        try:
            taken = [self._save(environ, name, blocks) for name, blocks in _files(environ)]
        except ValueError as error:
            environ["lab.connection"].close_connection = True
            return _say(answer, "400 Bad Request", str(error))
        if not taken:
            return _say(answer, "400 Bad Request", "a multipart body without a file")
        if cut:
            self._faults.counts.cut += 1
            _reset(environ)
        # No body: pywsgi would send it in another packet, and this answer has to be fast.
        answer("201 Created", [("X-Transfer-Id", ", ".join(taken)), ("Content-Length", "0")])
        return ()

    def _save(self, environ: dict[str, Any], name: str, blocks: Iterator[bytes]) -> str:
        passage = identify(name, self._protocol, environ.get("HTTP_X_TRANSFER_ID"))
        arrival = self._ingress.arrive(passage, name)
        try:
            _write(arrival, blocks)
            arrival.keep()
        finally:
            arrival.drop()
        return passage.uuid

    def _hang(self, environ: dict[str, Any]) -> None:
        self._faults.counts.hung += 1
        while environ["wsgi.input"].read(_BLOCK):
            pass
        wait_read(environ["lab.connection"].socket.fileno())
        raise Cut


class Server(WSGIServer):  # type: ignore[misc]
    """Listens on a port; broken connections are not reported."""

    def __init__(
        self,
        listener: socket.socket,
        reception: Reception,
        context: Optional[ssl.SSLContext] = None,
    ) -> None:
        tls = {"ssl_context": context, "do_handshake_on_connect": False} if context else {}
        super().__init__(
            listener,
            reception,
            spawn=Pool(_CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=Connection,
            **tls,
        )

    def handle(self, sock: Any, address: Any) -> None:
        """Serve one connection; answers are sent at once, not with the next acknowledgement."""
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().handle(sock, address)

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> None:
        """Perform the TLS handshake, then serve; close the connection if it fails."""
        try:
            with self.wrap_socket(client_socket, **self.ssl_args) as secured:
                secured.settimeout(15)
                secured.do_handshake()
                secured.settimeout(None)
                self.handle(secured, address)
        except OSError:
            client_socket.close()


class Connection(WSGIHandler):  # type: ignore[misc]
    """One persistent connection, which the application can reach."""

    def read_request(self, raw_requestline: str) -> bool:
        """Read the headers; return False, which means 400, if it is not HTTP."""
        try:
            return bool(super().read_request(raw_requestline))
        except (ValueError, IndexError):  # pywsgi fails on a version without a dot
            return False

    def get_environ(self) -> dict[str, Any]:
        """Return the environment of a request, with this connection."""
        environ: dict[str, Any] = super().get_environ()
        environ["lab.connection"] = self
        return environ

    def handle_error(self, kind: type[BaseException], error: Any, trace: Any) -> None:
        """Close on a broken or cut connection, answer 500 to any other error."""
        self.close_connection = True
        if not issubclass(kind, (OSError, Cut)):
            super().handle_error(kind, error, trace)


def tls_context(certificate: Pair, ca: Path, *, ask: bool) -> ssl.SSLContext:
    """Return the context of a server; `ask`: it requires a client certificate of that CA."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=ca)
    context.load_cert_chain(certificate.cert, certificate.key)
    context.verify_mode = ssl.CERT_REQUIRED if ask else ssl.CERT_OPTIONAL
    return context


def _files(environ: dict[str, Any]) -> Iterator[tuple[str, Iterator[bytes]]]:
    content_type = environ.get("CONTENT_TYPE", "")
    body = environ["wsgi.input"].read
    given = _text(environ.get("HTTP_X_FILENAME") or environ["PATH_INFO"].rpartition("/")[2])
    if content_type.lower().startswith("multipart/form-data"):
        for part in multipart.parts(body, multipart.boundary_of(content_type)):
            if part.filename is not None:
                yield given or part.filename, part.blocks
    else:
        yield given, iter(lambda: body(_BLOCK), b"")


def _text(wsgi: str) -> str:
    """Decode UTF-8 that WSGI has read as Latin-1; other bytes become surrogates."""
    return wsgi.encode("latin-1").decode("utf-8", "surrogateescape")


def _write(arrival: Arrival, blocks: Iterable[bytes]) -> None:
    offset = 0
    for block in blocks:
        arrival.write(block, offset)
        offset += len(block)


def _reset(environ: dict[str, Any]) -> None:
    connection = environ["lab.connection"]
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    raise Cut


def _say(
    answer: Callable[..., Any], status: str, text: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    body = text.encode() + b"\n"
    answer(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *headers])
    return [body]
