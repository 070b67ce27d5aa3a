"""Encodes requests and parses replies of SFTP version 3 (draft-ietf-secsh-filexfer-02)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Optional, Union

from ...errors import TransferError

INIT, VERSION, OPEN, CLOSE, WRITE, SETSTAT, FSETSTAT = 1, 2, 3, 4, 6, 9, 10
REMOVE, MKDIR, STAT, RENAME = 13, 14, 17, 18
STATUS, HANDLE, ATTRS, EXTENDED, EXTENDED_REPLY = 101, 102, 105, 200, 201

OK, NO_SUCH_FILE, PERMISSION_DENIED = 0, 2, 3

STATUSES: Mapping[int, str] = {
    0: "OK",
    1: "end of file",
    2: "no such file",
    3: "permission denied",
    4: "failure",
    5: "bad message",
    6: "no connection",
    7: "connection lost",
    8: "operation unsupported",
    # Version 3 ends here; some servers send these of version 6 nevertheless.
    11: "file already exists",
    12: "write-protected",
    14: "no space left",
    15: "quota exceeded",
}
"""Status code → its meaning, for servers that send no text with it."""

POSIX_RENAME, LIMITS = b"posix-rename@openssh.com", b"limits@openssh.com"
"""Names of extensions (OpenSSH's PROTOCOL, 4)."""

LONGEST_REPLY = 256 * 1024
"""Bytes: more than any server sends to a client that only uploads; OpenSSH's own limit."""

_LONGEST_HANDLE = 1024
"""Bytes: each WRITE repeats the handle. The draft allows 256."""

_LONGEST_TEXT = 600
"""Bytes of a server's words that are kept: a result's detail has 1,000 characters for all."""

_HEAD = struct.Struct(">IBI")
_WORD = struct.Struct(">I")
_REPLY = struct.Struct(">BII")  # type, id, and a status or the length of a handle
_WRITE = struct.Struct(">QI")
_OPEN_FLAGS = 0x02 | 0x08 | 0x10  # write, create, truncate
_SIZE, _PERMISSIONS = 0x01, 0x04

_LARGE = 8 * 1024  # bytes of a block that cost more to copy than to handle by themselves


class Request(NamedTuple):
    """One request without its id: the packet's type and the parts of its body."""

    kind: int
    parts: tuple[bytes, ...]


class Status(NamedTuple):
    """The outcome of a request: a code of `STATUSES`, and the server's own words."""

    code: int
    text: str

    def __str__(self) -> str:
        return self.text or STATUSES.get(self.code, f"status {self.code}")


class Handle(NamedTuple):
    """The server's name for an open file."""

    handle: bytes


class Attributes(NamedTuple):
    """The attributes of a file; `size` in bytes, None if the server does not send it."""

    size: Optional[int]


class Limits(NamedTuple):
    """The most bytes that a server takes in a packet, and as the data of a WRITE; 0: no limit."""

    packet: int
    write: int


Extensions = Mapping[bytes, bytes]
"""Extensions of a server: name → data."""


class Version(NamedTuple):
    """The protocol version that the server chose, and its extensions."""

    version: int
    extensions: Extensions


Reply = Union[Status, Handle, Attributes, Limits]

SUCCESS = Status(OK, "")
"""The commonest reply of all, made once."""


def encode(request: Request, ident: int) -> tuple[bytes, ...]:
    """Return the packet of a request; a large block is a part of its own, which is not copied."""
    kind, parts = request
    head = _HEAD.pack(5 + sum(map(len, parts)), kind, ident)
    if len(parts[-1]) < _LARGE:
        return (b"".join((head, *parts)),)
    return b"".join((head, *parts[:-1])), parts[-1]


def init() -> bytes:
    """Return the packet that opens a session and asks for version 3."""
    return struct.pack(">IBI", 5, INIT, 3)


def open_file(path: bytes, mode: Optional[int] = None) -> Request:
    """Return the request to create or empty a file, for writing."""
    return Request(OPEN, (_string(path), _WORD.pack(_OPEN_FLAGS), _permissions(mode)))


def write(handle: bytes, offset: int, data: bytes) -> Request:
    """Return the request to write data at an offset of an open file."""
    return Request(WRITE, (_string(handle), _WRITE.pack(offset, len(data)), data))


def set_mode(handle: bytes, mode: int) -> Request:
    """Return the request to set the permissions of an open file, whatever the server's umask."""
    return Request(FSETSTAT, (_string(handle), _permissions(mode)))


def set_mode_of(path: bytes, mode: int) -> Request:
    """Return the request to set the permissions of a file by its name."""
    return Request(SETSTAT, (_string(path), _permissions(mode)))


def close(handle: bytes) -> Request:
    """Return the request to close an open file."""
    return Request(CLOSE, (_string(handle),))


def remove(path: bytes) -> Request:
    """Return the request to delete a file."""
    return Request(REMOVE, (_string(path),))


def make_directory(path: bytes) -> Request:
    """Return the request to create a directory whose parent exists."""
    return Request(MKDIR, (_string(path), _permissions(None)))


def stat(path: bytes) -> Request:
    """Return the request for a file's attributes."""
    return Request(STAT, (_string(path),))


def rename(old: bytes, new: bytes, posix: bool) -> Request:
    """Return the request to rename a file; only the `posix` form replaces an existing file."""
    names = (_string(old), _string(new))
    if posix:
        return Request(EXTENDED, (_string(POSIX_RENAME), *names))
    return Request(RENAME, names)


def ask_limits() -> Request:
    """Return the request for the server's limits, which some answer."""
    return Request(EXTENDED, (_string(LIMITS),))


class Splitter:
    """Splits the stream from the server into packets, however it arrives in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield each complete packet without its length; raises TransferError (protocol)."""
        stream: Union[bytes, bytearray] = data
        if self._rest:
            stream, self._rest = self._rest, bytearray()
            stream += data  # in linear time, however small the pieces are
        start = 0
        while len(stream) - start >= 4:
            (length,) = _WORD.unpack_from(stream, start)
            if not 0 < length <= LONGEST_REPLY:
                raise malformed(
                    f"a packet of {length} bytes: {bytes(stream[start : start + 60])!r}"
                )
            end = start + 4 + length
            if end > len(stream):
                break
            yield bytes(stream[start + 4 : end])
            start = end
        if isinstance(stream, bytearray):
            del stream[:start]
            self._rest = stream
        elif start < len(stream):
            self._rest = bytearray(stream[start:])


def parse_version(packet: bytes) -> Version:
    """Parse the server's answer to `init()`; raises TransferError (protocol)."""
    if packet[0] != VERSION:
        raise malformed(f"packet type {packet[0]} where the version was expected: {packet[:60]!r}")
    fields, extensions = _Fields(packet, 1), {}
    version = fields.word()
    while fields.left:
        name = fields.string()
        extensions[name] = fields.string()
    return Version(version, extensions)


def parse_reply(packet: bytes) -> tuple[int, Reply]:
    """Return the id of the answered request, and the reply; raises TransferError (protocol)."""
    if len(packet) >= _REPLY.size:
        kind, ident, number = _REPLY.unpack_from(packet)
        if kind == STATUS and number == OK:
            return ident, SUCCESS  # nearly all replies
        if kind == HANDLE and number == len(packet) - _REPLY.size:
            return ident, Handle(_checked_handle(packet[_REPLY.size :]))
    fields = _Fields(packet, 1)
    ident = fields.word()
    if packet[0] == STATUS:
        code = fields.word()
        # Some servers leave out the text, though version 3 has it.
        text = fields.string() if fields.left else b""
        if len(text) > _LONGEST_TEXT:
            text = text[:_LONGEST_TEXT] + "…".encode()
        return ident, Status(code, text.decode("utf-8", "replace").strip())
    if packet[0] == HANDLE:
        return ident, Handle(_checked_handle(fields.string()))
    if packet[0] == ATTRS:
        flags = fields.word()
        return ident, Attributes(fields.long() if flags & _SIZE else None)
    if packet[0] == EXTENDED_REPLY:  # of all extensions only limits are answered so
        most, _, write = fields.long(), fields.long(), fields.long()
        return ident, Limits(most, write)
    raise malformed(f"packet type {packet[0]}, which answers no request")


def _checked_handle(handle: bytes) -> bytes:
    if len(handle) > _LONGEST_HANDLE:
        raise malformed(f"a file handle of {len(handle)} bytes")
    return handle


def malformed(reason: str) -> TransferError:
    """Return the error for an answer that is not SFTP."""
    return TransferError("protocol", f"the server's answer is not valid SFTP: {reason}")


class _Fields:
    """Reads the fields of one packet, never beyond its end."""

    def __init__(self, packet: bytes, start: int) -> None:
        self._packet = packet
        self._at = start

    @property
    def left(self) -> int:
        return len(self._packet) - self._at

    def word(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def long(self) -> int:
        return int.from_bytes(self._take(8), "big")

    def string(self) -> bytes:
        return self._take(self.word())

    def _take(self, length: int) -> bytes:
        if length > self.left:
            raise malformed(f"a packet that ends too early: {self._packet[:60]!r}")
        start, self._at = self._at, self._at + length
        return self._packet[start : self._at]


def _string(text: bytes) -> bytes:
    return _WORD.pack(len(text)) + text


def _permissions(mode: Optional[int]) -> bytes:
    return _WORD.pack(0) if mode is None else struct.pack(">II", _PERMISSIONS, mode)
