"""Replace a file as a whole, but do not wait for a disk that hangs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Optional

from ..errors import StartError
from .whole import replacing
from .writer import Writer


class BoundedFile:
    """A file that is replaced, as `replacing` does it, by a thread that is started before."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._error: Optional[Exception] = None
        self._writer: Writer[str] = Writer(self._replace, sys.maxsize, len)

    def start(self) -> None:
        """Start the thread, in the process that uses it; StartError if that fails."""
        self._writer.start(f"the file {self._path}")

    def offer(self, text: str) -> None:
        """Queue the text for the thread, unless the one before is not written yet; never blocks.

        An error is no error if a later text can be written."""
        if not self._writer.waiting:
            self._writer.put(text)

    def write(self, text: str, timeout: float) -> None:
        """Write the text, and end the thread; StartError if it fails, or takes longer than
        `timeout` seconds: it may still be written later. Any thread may call it, without a hub."""
        self._writer.put(text)
        if self._writer.close(timeout):
            raise StartError(
                f"{self._path} cannot be written: its disk or reader has not answered for "
                f"{timeout:g} s; name a file elsewhere"
            )
        if self._error:
            raise self._error

    def _replace(self, texts: Sequence[str]) -> Sequence[str]:
        try:
            with replacing(self._path) as file:
                file.write(texts[-1])
            self._error = None
        except Exception as error:  # noqa: BLE001 - it is raised where it can be seen
            self._error = error
        return ()
