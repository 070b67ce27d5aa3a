"""Judges the headers and the body of an answer that has an expected status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from gevent.lock import BoundedSemaphore

from ...clock import SECOND, Clock, let_others_run, run_loop_once
from ...config.secret_names import is_secret_name
from ...config.secret_texts import masked_url
from .answer import EXCERPT, SEARCHED, Answer
from .body_text import decoded_text
from .codings import decoded
from .details import LONGEST_VALUE, body_words
from .regular import Regular

_LONGEST_PATTERN = 100
_SLICE = SECOND // 1000


class Expected:
    """The expressions that a job expects to find in the answers."""

    def __init__(
        self, body: Optional[Regular], headers: Mapping[str, Regular], clock: Clock
    ) -> None:
        self._body = body
        self._headers = headers
        self._clock = clock
        # One search of a job at a time: those of others shall have as many slices.
        self._searching = BoundedSemaphore()

    def missing(self, answer: Answer) -> str:
        """Return what is missing in an answer, or an empty text; other greenlets run meanwhile."""
        with self._searching, _Slices(self._clock) as slices:
            slices.begin()
            for name, wanted in self._headers.items():
                values = answer.head.values(name) if answer.head else []
                if not any(wanted.found_in(value, slices.end_in_time) for value in values):
                    return _missing_in_header(name, wanted, values)
            if self._body is None:
                return ""
            text = _text(answer)
            if text is not None and self._body.found_in(text, slices.end_in_time):
                return ""
        return _missing_in_body(self._body, answer)


class _Slices:
    """The time of one search in slices: of all searches, one has its slice in a round of the loop.

    If each had, a thousand jobs would keep the loop from all else for a second.
    """

    _one = BoundedSemaphore()

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._runs = False
        self._began = 0

    def __enter__(self) -> _Slices:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def begin(self) -> None:
        """Wait for the first slice."""
        self._one.acquire()
        self._runs = True
        self._began = self._now()

    def end_in_time(self) -> None:
        """If this slice was long enough, let others run, and wait for the next one."""
        if self._now() - self._began > _SLICE:
            run_loop_once()  # before another search has its slice
            self._end()
            let_others_run()
            self.begin()

    def _end(self) -> None:
        if self._runs:  # what ends the wait for a slice ends none
            self._runs = False
            self._one.release()


def _text(answer: Answer) -> Optional[str]:
    """Return the text to be searched; None if it cannot be decompressed: it is not empty."""
    content = decoded(answer.fields, bytes(answer.excerpt), SEARCHED)
    kind = answer.fields.get(b"content-type", b"").decode("latin-1")
    return None if content is None else decoded_text(kind, content.data)


def _missing_in_header(name: str, wanted: Regular, values: list[str]) -> str:
    if not values:
        return f"it has no header {name}"
    shown = ", ".join(values)
    if is_secret_name(name):
        shown = "***"
    elif len(shown) > LONGEST_VALUE:
        shown = f"a value of {len(shown):,} characters"
    return f"its {name} has no match for {_shown(wanted)}: {masked_url(shown)}"


def _missing_in_body(wanted: Regular, answer: Answer) -> str:
    reason = f"its body has no match for {_shown(wanted)}"
    if not answer.length:
        return f"{reason}: it is empty"
    whole = answer.length <= EXCERPT
    words = body_words(answer.fields, bytes(answer.excerpt[:EXCERPT]), whole=whole)
    return f"{reason}: {words}" if words else reason


def _shown(wanted: Regular) -> str:
    text = wanted.text
    return repr(text if len(text) <= _LONGEST_PATTERN else f"{text[:_LONGEST_PATTERN]}…")
