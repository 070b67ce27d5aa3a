"""Connects through a SOCKS5 proxy (RFC 1928), with user and password if it asks (RFC 1929)."""

from __future__ import annotations

import socket
from collections.abc import Generator, Mapping

from ..errors import TransferError
from .endpoint import Endpoint
from .proxy import Proxy, address_of

_VERSION = b"\x05"
_NONE, _PASSWORD, _NO_METHOD = 0, 2, 255  # ways to log in
_CONNECT = b"\x05\x01\x00"
_IPV4, _NAME, _IPV6 = 1, 3, 4  # types of an address
_LENGTHS: Mapping[int, int] = {_IPV4: 4, _IPV6: 16}
_REPLIES: Mapping[int, str] = {
    1: "general failure",
    2: "its rules do not allow it",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "it does not support CONNECT",
    8: "it does not take this type of address",
}
OF_ADDRESS = (1, 3, 4, 5, 6, 8)
"""Replies after which another address of the same name may still be reached."""

Steps = Generator[tuple[bytes, int], bytes, None]
"""Yields what is to be sent, and how many bytes are to be read then; receives these."""


def negotiation(proxy: Proxy, target: Endpoint) -> Steps:
    """Log in, and ask for a connection; raises TransferError (proxy, with its reply as code)."""
    user = proxy.server.user
    yield from _greet(proxy)
    answer = yield _CONNECT + _address(target.host) + target.port.to_bytes(2, "big"), 4
    if answer[:1] != _VERSION:
        raise proxy.fault("its answer is not SOCKS5")
    if code := answer[1]:
        reason = _REPLIES.get(code, "for an unknown reason")
        whose = f" (user {user!r})" if code == 2 and user is not None else ""
        at = f"it does not connect to {target}"
        raise proxy.fault(f"{at}: {reason}{whose} (SOCKS5 reply {code})", code)
    length = _LENGTHS.get(answer[3])
    if length is None:
        if answer[3] != _NAME:
            raise proxy.fault("its answer is not SOCKS5")
        length = (yield b"", 1)[0]
    yield b"", length + 2  # where it connects from, which nobody needs


def connect(stream: socket.socket, proxy: Proxy, target: Endpoint) -> None:
    """Return once the proxy has connected the stream; raises TransferError (proxy)."""
    steps = negotiation(proxy, target)
    try:
        data, count = next(steps)
        while True:
            if data:
                stream.sendall(data)
            data, count = steps.send(_read(stream, proxy, count))
    except StopIteration:
        return
    except OSError as error:
        raise proxy.fault(error.strerror or str(error)) from error


def _greet(proxy: Proxy) -> Steps:
    user = proxy.server.user
    methods = bytes([_NONE] if user is None else [_NONE, _PASSWORD])
    answer = yield _VERSION + bytes([len(methods)]) + methods, 2
    if answer[:1] != _VERSION:
        raise proxy.fault("it does not speak SOCKS5")
    if answer[1] == _NO_METHOD:
        asks = "it asks for a user and a password" if user is None else "it takes no password"
        raise proxy.fault(asks)
    if answer[1] not in methods:
        raise proxy.fault("it chose a way to log in that was not offered")
    if answer[1] == _PASSWORD:
        yield from _log_in(proxy)


def _log_in(proxy: Proxy) -> Steps:
    user, password = proxy.server.user or "", proxy.server.password or ""
    words = [word.encode("utf-8", "surrogateescape") for word in (user, password)]
    answer = yield b"\x01" + b"".join(bytes([len(word)]) + word for word in words), 2
    if answer[1]:
        raise proxy.fault(f"it refuses user {user!r} or the password")


def _address(host: str) -> bytes:
    packed = address_of(host)
    if packed is not None:
        return bytes([_IPV4 if len(packed) == 4 else _IPV6]) + packed
    name = host.encode("ascii")
    if len(name) > 255:
        raise TransferError("name", f"{host!r} is too long for the name of a host")
    return bytes([_NAME, len(name)]) + name


def _read(stream: socket.socket, proxy: Proxy, count: int) -> bytes:
    """Return `count` bytes, which is never more than 257."""
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise proxy.fault("it closed the connection without a whole answer")
        data += more
    return data
