"""The files of a job that are templates: each is filled with the values of its transfer."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Optional

from gevent.lock import BoundedSemaphore

from ...access import NoAnswerError, Step, Throttle
from ...content import SMALL
from ...errors import StartError, TransferError
from ...folder import Folder
from ...placeholders import PLACEHOLDERS
from ...protocols.files import open_file
from ...protocols.remembered import Remembered
from ...transfer import Transfer
from .filled import Filled, PlaceError, Section, sections_of

LARGEST = 16 * 1024 * 1024
"""Bytes of the largest file that may be a template."""


_CHECKED = 1000
_CHECKED_BYTES = 64 * 1024 * 1024
"""Templates, and their bytes, that are read before the start; others fail their transfers."""

_REMEMBERED = 4 * LARGEST  # bytes; a text of nothing but placeholders takes twice its size


class _Text(NamedTuple):
    """A file as it was read."""

    sections: list[Section]
    names: frozenset[str]
    state: tuple[int, ...]

    @property
    def cost(self) -> int:
        """Bytes of memory, about."""
        return sum(len(each.form) + 8 * len(each.names) + 200 for each in self.sections)


class BadTemplateError(TransferError):
    """A file that cannot be a template; `place` is `path`, or `path:line:column`."""

    def __init__(self, path: str, place: str, reason: str) -> None:
        super().__init__("file", f"{path!r}{place}: {reason}")
        self.reason = f"{path}{place}: {reason}"


class Templates:
    """The templates of one job, which are read again only when their files change."""

    def __init__(self) -> None:
        self._known = Remembered[_Text](_REMEMBERED)
        self._reading = BoundedSemaphore()  # a large one at a time

    def fill(self, transfer: Transfer) -> Transfer:
        """Return the transfer with its content; raises OSError, and TransferError (file)."""
        text = self._find(transfer)
        values = {
            name: PLACEHOLDERS[name](transfer).encode("utf-8", "surrogateescape")
            for name in text.names
        }
        content = Filled(text.sections, values)
        return transfer._replace(size=content.size, content=content)

    def _find(self, transfer: Transfer) -> _Text:
        path, access = transfer.path, transfer.access
        known = self._known_of(transfer)
        if known is not None:
            return known
        if transfer.size > SMALL:
            return self._find_large(transfer)
        text = access(partial(read_template, path, transfer.folder))
        self._known.remember(path, text)
        return text

    def _known_of(self, transfer: Transfer) -> Optional[_Text]:
        known = self._known.get(transfer.path)
        return known if known is not None and known.state == transfer.state else None

    def _find_large(self, transfer: Transfer) -> _Text:
        """Read a text in a thread; those that want it meanwhile wait for it."""
        path, access = transfer.path, transfer.access
        if not self._reading.acquire(timeout=access.timeout):
            raise NoAnswerError
        try:
            text = self._known_of(transfer)
            if text is None:
                text = access.in_thread(partial(read_template, path, transfer.folder, Throttle()))
                self._known.remember(path, text)
            return text
        finally:
            self._reading.release()


def read_template(path: str, folder: Optional[Folder], step: Step = lambda: None) -> _Text:
    """Read a file, in any thread; raises OSError, and BadTemplateError."""
    with open_file(path, folder) as content:
        if content.size > LARGEST:
            reason = f"a template has at most {LARGEST // 2**20} MiB, this has {content.size} bytes"
            raise BadTemplateError(path, "", reason)
        data = b"".join(content.blocks())
        try:
            sections = sections_of(data, step)
        except PlaceError as error:
            raise BadTemplateError(path, f":{error.line}:{error.column}", str(error)) from None
        names = frozenset(name for section in sections for name, _ in section.counts)
        return _Text(sections, names, content.state)


def check_all(
    names: Sequence[str],
    find: Callable[[str], tuple[str, os.stat_result]],
    folder: Optional[Folder],
) -> None:
    """Raise StartError for the first file that is no template, of those that are read now.

    Any thread may call it; `find` returns path and status of a name.
    """
    step, left = Throttle(), _CHECKED_BYTES
    for name in names[:_CHECKED]:
        # What cannot be read now fails its transfer, if that is still so.
        with suppress(OSError, TransferError):
            path, found = find(name)
            left -= found.st_size
            if left < 0:
                return
            try:
                read_template(path, folder, step)
            except BadTemplateError as error:
                raise StartError(f"template: {error.reason}") from None
