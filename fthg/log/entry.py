"""Log records → entries: plain values of bounded length, without secrets."""

from __future__ import annotations

import logging
import math
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, Union

from .events import Record

Value = Union[str, int, float, bool, None]
Mask = Callable[[str], str]

_LONGEST_VALUE = 4096
_LONGEST_TRACEBACK = 16_384
_MICROSECOND = 1000


class LogEntry(NamedTuple):
    """One event in the form that every output formats."""

    utc: int  # nanoseconds since 1970
    level: int
    logger: str
    event: str
    fields: Mapping[str, Value]
    traceback: str = ""
    more: int = 0  # equal entries that were left out …
    seconds: int = 0  # … in this many seconds
    run: str = ""  # its id; empty: none is known
    pid: int = 0  # of the process that logged it

    @property
    def from_fthg(self) -> bool:
        """Whether fthg logged it, not a library."""
        return is_from_fthg(self.logger)


def is_from_fthg(logger: str) -> bool:
    """Return whether this is the name of a logger of fthg, not of a library."""
    return logger.startswith("fthg.") or logger == "fthg"


def make_entry(record: logging.LogRecord, mask: Mask, run: str = "") -> LogEntry:
    """Convert a record to plain, masked values; never raises, whatever a field holds."""
    event = _message(record)
    fields = dict(_flat(record.fields)) if isinstance(record, Record) else {}
    texts = "\n".join([event, *[value for value in fields.values() if isinstance(value, str)]])
    # Nearly always there is no secret: the search of one text costs less than that of each.
    if mask(texts) != texts:
        event, fields = _shown(event, fields, lambda text: _cut(mask(text)))
    elif len(texts) > _LONGEST_VALUE:
        event, fields = _shown(event, fields, _cut)
    return LogEntry(
        # A float of today's seconds holds no more than microseconds.
        round(record.created * 1_000_000) * _MICROSECOND,
        record.levelno,
        record.name,
        event,
        fields,
        _traceback(record, mask),
        run=run,
        pid=record.process or 0,
    )


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a library's arguments may not fit its format
        return str(record.msg)


def _shown(event: str, fields: Mapping[str, Value], show: Mask) -> tuple[str, dict[str, Value]]:
    """Return an event and its fields with `show` applied to each text."""
    texts = {
        name: show(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    return show(event), texts


def _cut(text: str) -> str:
    return text[:_LONGEST_VALUE]


def _flat(fields: Mapping[str, object]) -> Iterator[tuple[str, Value]]:
    """Yield fields with plain values, secrets included; those of a mapping as fields of it."""
    for name, value in fields.items():
        if value is None or isinstance(value, (str, int)):  # nearly all, and the quickest to tell
            yield name, value
        elif isinstance(value, Mapping):
            for key, inner in value.items():
                yield re.sub(r"[^\w.-]", "_", f"{name}.{key}"), _plain(inner)
        else:
            yield name, _plain(value)


def _plain(value: object) -> Value:
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _text(value)


def _text(value: object) -> str:
    try:
        if isinstance(value, BaseException):
            return f"{type(value).__name__}: {value}".removesuffix(": ")
        if isinstance(value, bytes):
            return value.decode("utf-8", "surrogateescape")
        if isinstance(value, (list, tuple, set, frozenset)):
            return ", ".join(map(str, value))
        return str(value)
    except Exception:  # noqa: BLE001 - logging must not fail for a value that cannot be shown
        return f"<{type(value).__name__}>"


def _traceback(record: logging.LogRecord, mask: Mask) -> str:
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    try:
        lines = traceback.format_exception(*record.exc_info)
    except Exception:  # noqa: BLE001 - the exception's own text may fail
        lines = [f"{type(record.exc_info[1]).__name__}"]
    # The end names the error, so a long traceback loses its beginning.
    return mask("".join(lines).rstrip())[-_LONGEST_TRACEBACK:]
