"""The base of a delivery's steps: their shared state, and the check of replies."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import Callable, NamedTuple, Optional, Union

from ...errors import TransferError
from . import packets
from .packets import Reply, Request, Status
from .refusal import is_bad, is_missing, refused, show
from .remote_path import RemoteNames
from .traces import Traces

Ask = Callable[[], Request]
"""Makes a request at the moment at which it may be sent."""

Step = Union[Ask, Iterator[Optional[Request]]]
"""One request, or several that may go out without waiting for one another; None: not yet."""

Script = Generator[Step, Reply, None]
"""Steps, each in answer to the one before."""

Answered = Generator[Step, Reply, Reply]
"""Part of a script that returns the last reply."""


class UploadSettings(NamedTuple):
    """The settings that all uploads of a job share."""

    mkdir: bool = False
    mode: Optional[int] = None
    check_size: bool = False


class Steps:
    """One delivery so far: its names and settings, its traces at the server, its error."""

    def __init__(self, names: RemoteNames, settings: UploadSettings) -> None:
        self.names = names
        self.settings = settings
        self.traces = Traces()
        self.error: Optional[TransferError] = None
        """Why it fails; set from outside once nobody waits: then nothing new may appear there."""
        self.mkdir_error = ""  # why a directory was not made

    def in_directory(self, path: bytes, request: Ask) -> Answered:
        """Ask for a file there; again once its directory was made, if it was missing."""
        traces = self.traces
        reply = yield request
        traces.opening = False
        if self.settings.mkdir and is_missing(reply) and not self.error:
            traces.renaming = traces.marking = False
            yield from self._make_parents(path)
            self.check(packets.MKDIR, packets.SUCCESS)
            reply = yield request
            traces.opening = False
        return reply

    def _make_parents(self, path: bytes) -> Script:
        """Create every directory above a file; only the next request shows if that was enough."""
        self.mkdir_error = ""
        steps = path.split(b"/")[:-1]
        for depth in range(1, len(steps) + 1):
            directory = b"/".join(steps[:depth])
            if not directory or self.error:
                continue
            reply = yield partial(packets.make_directory, directory)
            # It may exist, or another transfer was faster: version 3 has no status for that.
            if is_bad(reply):
                self.mkdir_error = f"; {show(directory)} was not created: {reply}"

    def check(self, kind: int, reply: Reply, path: bytes = b"") -> None:
        """Raise its error, or that of a bad reply about the file, or about another path."""
        if self.error:
            raise self.error
        if is_bad(reply):
            raise self.refusal(kind, path or self.names.part, reply)

    def refusal(self, kind: int, path: bytes, reply: Reply) -> TransferError:
        """Return the error for a bad reply to a request of packet type `kind`."""
        if not isinstance(reply, Status) or reply.code == packets.OK:  # cut before it was sent
            return TransferError("internal", "an upload that never ended")
        more = self.mkdir_error if reply.code == packets.NO_SUCH_FILE else ""
        return refused(kind, show(path), reply, more)
