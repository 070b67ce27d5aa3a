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

_PERIOD = SECOND
"""How often the file is looked at, at most."""

_PATIENCE = 0.5
"""Seconds that a transfer waits for the file system, before it takes the last text."""

_log = Log(__name__)

Check = Callable[[str], str]
"""Returns the secret in the text of a file; raises ValueError if there is none."""


class _Look(NamedTuple):
    """What a look at the file has found; `text` is None if it has not changed."""

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
        self._next_look = now() + _PERIOD
        self._looking: Optional[Call[_Look]] = None  # a call that has not returned yet
        self._state: tuple[int, ...] = ()  # of the file when it was read
        self._fault = ""  # of the file at the last look

    @property
    def changes(self) -> bool:
        """True if it may become another one."""
        return self.path is not None

    @property
    def is_due(self) -> bool:
        """True if the next call of `current` looks at the file: that takes a while."""
        return self.path is not None and self._now() >= self._next_look

    def current(self) -> str:
        """Return the secret as it is now, or was a second ago; others run while a file is read."""
        if self.path is not None and self.is_due:
            self._look(self.path)
        return self._text

    def _look(self, path: str) -> None:
        self._next_look = self._now() + _PERIOD
        if self._looking is not None and not self._looking.done.ready():
            return  # the file system hangs: no second thread, and nobody else waits
        try:
            self._looking = threads_of(path).begin(partial(_look, path, self._state))
            if not self._looking.done.wait(_PATIENCE):
                raise ValueError(f"{path}: the file system does not answer")
            self._take(self._looking.result())
        except (ValueError, OSError) as error:
            self._complain(path, str(error))

    def _take(self, look: _Look) -> None:
        if look.text is not None:
            text = self._check(look.text)
            LEARNED.add(self, text)
            self._text = text
        self._state, self._fault = look.state, ""

    def _complain(self, path: str, fault: str) -> None:
        if fault != self._fault:
            self._fault = fault
            _log.warning(
                "a secret cannot be read again; the last one is used", file=path, reason=fault
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


def _look(path: str, state: tuple[int, ...]) -> _Look:
    """Read the file if it is not in this state any more; raises ValueError, in a thread."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    now, mode = state_of(found), found.st_mode
    once = stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)  # its text is gone: to read it would wait
    return _Look(now, None if once or now == state else str(read_secret(path)))
