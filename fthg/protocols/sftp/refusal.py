"""What a bad status means, as an error that helps whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import TransferError
from . import packets
from .packets import Reply, Status

_FAILURE = 4
_KINDS: Mapping[int, str] = {
    packets.PERMISSION_DENIED: "permission",
    5: "protocol",  # the server could not read what we sent
    12: "permission",
}
_DOING: Mapping[int, str] = {
    packets.OPEN: "opening",
    packets.WRITE: "writing",
    packets.FSETSTAT: "setting the mode of",
    packets.CLOSE: "closing",
    packets.STAT: "looking at",
    packets.RENAME: "renaming",
    packets.EXTENDED: "renaming",
}


def is_bad(reply: Reply) -> bool:
    """True for a status other than success."""
    return isinstance(reply, Status) and reply.code != packets.OK


def is_missing(reply: Reply) -> bool:
    """True if there is no such file, or no such directory."""
    return isinstance(reply, Status) and reply.code == packets.NO_SUCH_FILE


def refused(kind: int, path: bytes, status: Status, more: str = "") -> TransferError:
    """The error for a bad status in answer to a request of packet type `kind`."""
    error = _KINDS.get(status.code, "remote")
    if status.code == packets.NO_SUCH_FILE and kind == packets.OPEN:
        error = "no_path"
        more = more or "; is the directory missing? (mkdir: true creates it)"
    elif status.code == _FAILURE:
        more += _guess(kind)
    doing = _DOING.get(kind, "sending")
    said = f"{status} (SFTP status {status.code})"
    return TransferError(error, f"{doing} {show(path)}: {said}{more}", code=status.code)


def _guess(kind: int) -> str:
    """What is usual where a server says no more than that it failed."""
    if kind == packets.RENAME:
        return "; this server's rename does not replace a file, is there one of that name?"
    if kind == packets.OPEN:
        return "; is it a directory, is the disk full, a limit of open files reached?"
    return "; is the disk full, a quota reached?"


def show(path: bytes) -> str:
    """A remote name for people: quoted, and nothing in it can disturb a terminal."""
    return repr(path.decode("utf-8", "surrogateescape"))
