"""A secret that may stand in a file: read again when the file changes."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, Optional
from weakref import WeakValueDictionary

from ..access import threads_of
from ..clock import SECOND
from ..config.secret_file import FileSecret, read_secret
from ..log import LEARNED, Log
from ..threads import Call
from .content import state_of
from .stopwatch import Now

_CHECK_PERIOD = SECOND
"""Nanoseconds between two checks of the file, at least."""

_READ_TIMEOUT = 0.5
"""Seconds that a transfer waits for the file system before it uses the last text."""

_log = Log(__name__)

Check = Callable[[str], str]
"""Returns the secret in the text of a file; raises ValueError if there is none."""


class _Found(NamedTuple):
    """The result of a check of the file; `text` is None if it has not changed."""

    state: tuple[int, ...]
    text: Optional[str]


class SecretText:
    """A password or a token; no representation shows it."""

    def __init__(self, text: str, check: Check = str, now: Now = time.monotonic_ns) -> None:
        """Take the text that the configuration has read; raise ValueError if `check` does."""
        self._text = check(text)
        self.path = text.path if isinstance(text, FileSecret) else None
        """The file that holds it; None: the configuration does."""
        self._check = check
        self._now = now
        self._next_check = now() + _CHECK_PERIOD
        self._reading: Optional[Call[_Found]] = None  # a call that has not returned yet
        self._state: tuple[int, ...] = ()  # of the file when it was read
        self._reason = ""  # why the file could not be read at the last check

    @property
    def changes(self) -> bool:
        """True if it comes from a file, and so may change."""
        return self.path is not None

    @property
    def is_due(self) -> bool:
        """True if the next call of `current` checks the file, which takes a while."""
        return self.path is not None and self._now() >= self._next_check

    def current(self) -> str:
        """Return the secret as it is now, or was a second ago; others run while a file is read."""
        if self.path is not None and self.is_due:
            self._refresh(self.path)
        return self._text

    def _refresh(self, path: str) -> None:
        self._next_check = self._now() + _CHECK_PERIOD
        if self._reading is not None and not self._reading.done.ready():
            return  # the file system hangs: start no second thread, and wait no more
        try:
            self._reading = threads_of(path).begin(partial(_read_changed, path, self._state))
            if not self._reading.done.wait(_READ_TIMEOUT):
                raise ValueError(f"{path}: the file system does not answer")
            self._take(self._reading.result())
        except (ValueError, OSError) as error:
            self._complain(path, str(error))

    def _take(self, found: _Found) -> None:
        if found.text is not None:
            text = self._check(found.text)
            LEARNED.add(self, text)
            self._text = text
        self._state, self._reason = found.state, ""

    def _complain(self, path: str, reason: str) -> None:
        if reason != self._reason:
            self._reason = reason
            _log.warning(
                "a secret cannot be read again; the last one is used", file=path, reason=reason
            )

    def __repr__(self) -> str:
        return "SecretText(***)"


_shared: WeakValueDictionary[tuple[str, str, Check], SecretText] = WeakValueDictionary()


def secret_text(text: str, check: Check = str) -> SecretText:
    """Return the secret that the configuration gives; all jobs with the same file share one."""
    if not isinstance(text, FileSecret):
        return SecretText(text, check)
    key = text.path, str(text), check
    made = _shared.get(key)
    if made is None:
        made = _shared[key] = SecretText(text, check)
    return made


def _read_changed(path: str, state: tuple[int, ...]) -> _Found:
    """Read the file if it is not in this state any more; raises ValueError, in a thread."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    now, mode = state_of(found), found.st_mode
    once = stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)  # its text is gone: to read it would wait
    return _Found(now, None if once or now == state else str(read_secret(path)))
