"""Translates bad SFTP statuses into errors with the likely cause and a remedy."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import TransferError
from . import packets
from .packets import Reply, Status

_FAILURE = 4
_KINDS: Mapping[int, str] = {  # of errors.KINDS
    packets.PERMISSION_DENIED: "permission",
    5: "protocol",  # the server could not read what we sent
    12: "permission",
}
_ACTIONS: Mapping[int, str] = {
    packets.OPEN: "opening",
    packets.WRITE: "writing",
    packets.CLOSE: "closing",
    packets.RENAME: "renaming",
    packets.EXTENDED: "renaming",
}

_TAKEN = "; did the server, or another transfer with the same temporary_name, take it away?"
_NO_DIRECTORY = "; is the directory missing? (mkdir: true creates it)"


def is_bad(reply: Reply) -> bool:
    """Return True for a status other than success."""
    return isinstance(reply, Status) and reply.code != packets.OK


def is_missing(reply: Reply) -> bool:
    """Return True if there is no such file, or no such directory."""
    return isinstance(reply, Status) and reply.code == packets.NO_SUCH_FILE


def refused(kind: int, where: str, status: Status, more: str = "") -> TransferError:
    """Return the error for a bad status in answer to a request of packet type `kind`."""
    error = _KINDS.get(status.code, "remote")
    if status.code == packets.NO_SUCH_FILE and kind == packets.OPEN:
        error, more = "no_path", more or _NO_DIRECTORY
    elif status.code == _FAILURE and status.text.casefold() in ("", "failure"):
        more += _guess(kind)
    return _error(error, _ACTIONS.get(kind, "sending"), where, status, more)


def not_renamed(
    kind: int, part: bytes, target: bytes, status: Status, more: str = ""
) -> TransferError:
    """Return the error for a bad status in answer to a request to rename."""
    where = f"{show(part)} to {show(target)}"
    if status.code != packets.NO_SUCH_FILE:
        return refused(kind, where, status)
    if part.rpartition(b"/")[0] == target.rpartition(b"/")[0]:  # so the directory is there
        return _error("remote", "renaming", where, status, _TAKEN)
    return _error("no_path", "renaming", where, status, more or _NO_DIRECTORY)


def _error(error: str, action: str, where: str, status: Status, more: str) -> TransferError:
    reason = f"{status} (SFTP status {status.code})"
    return TransferError(error, f"{action} {where}: {reason}{more}", code=status.code)


def unchecked_size(path: bytes, reply: Reply) -> TransferError:
    """Return the error for an answer to STAT that holds no size."""
    if is_missing(reply):
        reason = "it is no longer there; did the server move it? (check_size: false)"
    elif isinstance(reply, Status):
        reason = f"{reply} (SFTP status {reply.code})"
    else:
        reason = "the server does not send it (check_size: false)"
    code = reply.code if isinstance(reply, Status) else packets.OK
    return TransferError("size", f"the size of {show(path)} is unchecked: {reason}", code=code)


def _guess(kind: int) -> str:
    """Return the usual cause of a status whose only text is "failure"."""
    if kind == packets.RENAME:
        return "; this server's rename does not replace a file, is there one of that name?"
    if kind == packets.EXTENDED:
        return "; is a directory of that name there, is it on another file system?"
    if kind == packets.OPEN:
        return "; is it a directory, is the disk full, a limit of open files reached?"
    return "; is the disk full, a quota reached?"


def show(path: bytes) -> str:
    """Return a remote name for people: quoted, without terminal sequences."""
    return repr(path.decode("utf-8", "surrogateescape"))
