"""The data that all packages pass on: a Transfer to carry out, and its Result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Optional

from .access import AT_ONCE, Access
from .content import Content
from .folder import Folder
from .peer import Peer
from .text import cut

OUTCOMES = ("ok", "failed", "dropped", "cancelled")

PHASES = (
    "blocked",  # waiting for a free connection or channel of this job
    "resolving",  # name look-up
    "connecting",  # TCP
    "handshaking",  # TLS, or SSH key exchange
    "authenticating",  # SSH; by HTTP waiting for a token, or for the first challenge
    "sending",  # until the last byte is handed to the kernel, by SFTP until it is acknowledged
    "waiting",  # for the first byte of the answer, by SFTP to OPEN, CLOSE and all but WRITE
    "receiving",  # first to last byte of the answer
    "renaming",  # SFTP: to the final name
)


DETAIL_LENGTH = 1000
"""Characters of a result's detail at most."""


class Transfer(NamedTuple):
    """One file to send: all that a Sender gets."""

    job: str
    seq: int  # arrival within the job, from 0
    uuid: str
    path: str  # of the local file, decoded with surrogateescape
    name: str  # relative to the job's directory
    size: int  # bytes, when the file was listed
    utc: int  # nanoseconds since 1970: when it was started
    state: Optional[tuple[int, ...]] = None  # state_of the file just now, to save a second call
    folder: Optional[Folder] = None  # the open directory that `path` lies in; None: it lies in none
    access: Access = AT_ONCE  # by which the file is opened and read
    content: Optional[Content] = None  # made for this transfer; None: that of the file


class Sent(NamedTuple):
    """The report of a Sender on a transfer that the server accepted."""

    code: Optional[int]  # HTTP or SFTP status
    bytes: int  # of the file that were really sent, not of the protocol
    phases: Mapping[str, float]  # seconds by name, of PHASES, those that apply
    peer: Optional[Peer] = None


class Result(NamedTuple):
    """The outcome of one arrival; `due`, `start` and `end` are readings of the run's clock."""

    job: str
    seq: int
    uuid: str
    name: Optional[str]  # relative to the job's directory; None if there was no file
    size: Optional[int]
    outcome: str  # of OUTCOMES
    due: int
    start: Optional[int]
    end: Optional[int]
    code: Optional[int] = None
    error: Optional[str] = None  # of errors.KINDS
    detail: Optional[str] = None  # of at most DETAIL_LENGTH characters
    bytes: int = 0
    phases: Mapping[str, float] = {}
    peer: Optional[Peer] = None


def cut_detail(detail: str) -> str:
    """Return a detail of at most DETAIL_LENGTH characters; the last one of a longer one is `…`."""
    return cut(detail, DETAIL_LENGTH)


def times_of(results: Iterable[Result]) -> list[tuple[int, int, int]]:
    """Return due, start and end of the results that were started and ended."""
    return [
        (result.due, result.start, result.end)
        for result in results
        if result.start is not None and result.end is not None
    ]
