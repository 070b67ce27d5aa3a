"""Parses the head of an HTTP/1.1 answer: status line and headers (RFC 9112, sections 3 to 6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Optional, Union

from ...errors import TransferError

HEAD_LIMIT = 64 * 1024
"""Bytes of a status line with its headers, or of trailers, that are read before giving up."""

FIELDS_LIMIT = 500
"""The most headers that an answer may have."""

BEGINNING = b"HTTP/1."

FIELD_LINES = rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00\r\n]*\r?\n(?:[ \t][^\x00\r\n]*\r?\n)*)*"
"""A pattern of headers, or of trailers."""

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([^\x00\r\n]*))?\r?\n")
_HEAD = re.compile(_STATUS_LINE.pattern + rb"(" + FIELD_LINES + rb")\r?\n")
_VALUE = rb":([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"  # of several lines if it is folded
_FIELD = re.compile(rb"([^:\s]+)" + _VALUE + rb"\r?\n")
_FRAMING = re.compile(
    rb"\n(Connection|Content-Length|Keep-Alive|Transfer-Encoding)" + _VALUE, re.IGNORECASE
)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_SPACE = b" \t\r\n"  # no other: parsers that strip different characters see different values

Bytes = Union[bytes, bytearray]

Fields = Mapping[bytes, bytes]
"""Header names in lower case, and their values; equal names joined by a comma."""


class Head:
    """The head of an answer, with what it says about body and connection.

    All other headers are parsed when they are asked for: most answers are never asked.
    """

    __slots__ = (
        "_lines",
        "_reason",
        "codings",
        "framing",
        "length",
        "modern",
        "reusable",
        "status",
    )

    def __init__(self, data: Bytes, begin: int, end: int) -> None:
        """Parse the bytes between two places, the blank line included; TransferError (protocol)."""
        match = _HEAD.fullmatch(data, begin, end)
        if match is None:
            raise _bad_head(bytes(data[begin:end]))
        version, digits, self._reason, self._lines = match.groups(b"")
        self.status = int(digits)
        self.modern = version == b"1"
        """True for HTTP/1.1, False for 1.0."""
        lines = self._lines
        if lines.count(b"\n") > FIELDS_LIMIT and len(_FIELD.findall(lines)) > FIELDS_LIMIT:
            raise TransferError("protocol", f"the answer has more than {FIELDS_LIMIT} headers")
        framing = {} if self.status < 200 else _joined(_FRAMING.findall(data, begin, end))
        self.framing = framing
        """The headers about body and connection."""
        tokens = _tokens(framing.get(b"connection", b""))
        self.reusable = b"close" not in tokens and (self.modern or b"keep-alive" in tokens)
        """True if the connection may carry another request."""
        self.codings = _tokens(framing.get(b"transfer-encoding", b""))
        self.length = _length(framing.get(b"content-length"))
        """Bytes of the body; None: the head does not say."""

    @property
    def reason(self) -> str:
        """The words behind the status."""
        return self._reason.decode("utf-8", "replace").strip()

    @property
    def fields(self) -> Fields:
        """All headers."""
        return _joined(_FIELD.findall(self._lines))

    def values(self, name: str) -> list[str]:
        """Return the value of each header of a name, folded ones in one line."""
        wanted = name.lower().encode()
        found = (value for key, value in _FIELD.findall(self._lines) if key.lower() == wanted)
        return [_FOLD.sub(b" ", value.strip(_SPACE)).decode("utf-8", "replace") for value in found]


def _joined(found: Iterable[tuple[bytes, bytes]]) -> Fields:
    fields: dict[bytes, bytes] = {}
    for name, padded in found:
        key, value = name.lower(), padded.strip(_SPACE)
        fields[key] = fields[key] + b", " + value if key in fields else value
    return fields


def _length(text: Optional[bytes]) -> Optional[int]:
    if text is None:
        return None
    if _LENGTH.fullmatch(text):
        return int(text)
    values = {value.strip(_SPACE) for value in text.split(b",")}
    value = values.pop()
    if values or not _LENGTH.fullmatch(value):
        raise TransferError(
            "protocol", f"the answer is not valid HTTP: Content-Length {excerpt(text)} is no length"
        )
    return int(value)


@lru_cache(maxsize=64)  # Connection and Transfer-Encoding have few values
def _tokens(value: bytes) -> Sequence[bytes]:
    return [token for part in value.lower().split(b",") if (token := part.strip(_SPACE))]


def _bad_head(head: bytes) -> TransferError:
    if not head.startswith(BEGINNING):
        return not_http(head)
    lines = head.split(b"\n")
    if _STATUS_LINE.match(lines[0] + b"\n") is None:
        return TransferError("protocol", f"{excerpt(lines[0])} is not a status line of HTTP/1.1")
    for line in lines[1:]:
        if not re.fullmatch(rb"[ \t].*|" + FIELD_LINES, line + b"\n") and line.strip(b"\r"):
            return TransferError("protocol", f"{excerpt(line)} is not a header line")
    return TransferError("protocol", f"the head of the answer is malformed: {excerpt(head)}")


def not_http(data: bytes) -> TransferError:
    """Return the error for bytes that are not the beginning of an HTTP/1.1 answer."""
    remark = other_protocol(data)
    return TransferError(
        "protocol", f"the answer is not HTTP/1.1, it begins {excerpt(data)}{remark}"
    )


def other_protocol(data: bytes) -> str:
    """Return a remark on the first bytes of a server that does not speak HTTP/1.1, or nothing."""
    if data[:2] in (b"\x15\x03", b"\x16\x03"):
        return "; it looks like TLS: try https://"
    if data.startswith(b"SSH-"):
        return "; it is an SSH server: try sftp://"
    # A frame of HTTP/2 on stream 0: 24 bits of length, type SETTINGS or GOAWAY, flags, stream.
    if data[:2] == b"\0\0" and data[3:4] in (b"\x04", b"\x07") and data[5:9] == b"\0\0\0\0":
        return "; it is HTTP/2: the server does not speak HTTP/1.1 here, and fthg no HTTP/2"
    return ""


def excerpt(data: bytes) -> str:
    """Return the beginning of some bytes as people can read it."""
    text = repr(data[:60].rstrip(b"\r\n"))[1:]
    return text + "…" if len(data) > 60 else text
