"""The files that an upload has left at the server, and their description (pure)."""

from __future__ import annotations

from .refusal import show
from .remote_path import RemoteNames


class Traces:
    """The state of the files of one upload at the server, as far as it is known.

    A request counts from the moment at which it may be sent, answered or not.
    """

    opening = False  # OPEN has no answer yet
    opened = False  # the file is there
    used = False  # a request for the open file has been sent
    closing = False  # CLOSE has been sent, after all of the file was taken
    stored = False  # and it was answered
    renaming = False  # RENAME has been sent
    delivered = False  # the whole file has its final name, and nothing was wrong with it
    marking = False  # OPEN of the marker has been sent
    not_removed = ""  # why an incomplete file is still there

    def left(self, names: RemoteNames) -> str:
        """Return a remark on files that a failure may have left, for its detail."""
        if self.delivered:
            return self._without_marker(names, "delivered")
        if not (self.opening or self.opened):
            return ""
        if self.stored and names.part == names.target:
            return self._without_marker(names, "there")
        part = show(names.part)
        if self.not_removed:
            return f"; {part} is left there: {self.not_removed}"
        if self.renaming:
            return f"; a file may be left there as {part}, or as {show(names.target)}"
        what = "a file" if self.closing else "an incomplete file"
        return f"; {what} may be left there as {part}"

    def _without_marker(self, names: RemoteNames, state: str) -> str:
        if names.marker is None:
            return ""
        marker = "may be missing" if self.marking else "is missing"
        return f"; {show(names.target)} is {state}, but its marker {show(names.marker)} {marker}"
