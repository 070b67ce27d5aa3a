"""Log entry → one line: logfmt text, JSON, or the shorter text of the console (pure)."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Optional

from ..text import UNSAFE, escape, escape_surrogates, iso_millis, quote, zoned_clock
from .entry import LogEntry, Value
from .events import LEVELS

_WORDS = {number: word for word, number in LEVELS.items()} | {logging.CRITICAL: "error"}
_SHORT = {level: ("WARN" if word == "warning" else word.upper()) for level, word in _WORDS.items()}
_CONTROL = re.compile(f"[{UNSAFE}]")
_BARE = re.compile(rf'[^\s"={UNSAFE}]+')  # a value that needs no quotes
_RESERVED = ("ts", "level", "event", "run", "pid", "logger")

_encode = json.JSONEncoder(ensure_ascii=False).encode


def text(entry: LogEntry) -> str:
    """Format as `2026-11-24T07:01:02.123Z INFO  event  job=orders file="a b.txt"`."""
    return f"{iso_millis(entry.utc)} {untimed(entry)}"


def untimed(entry: LogEntry) -> str:
    """Format as `text` without the time, for outputs that add their own."""
    line = f"{_level(entry.level)} {_event(entry)}"
    if entry.traceback:
        line += f" traceback={_value(entry.traceback)}"
    return line


def console(entry: LogEntry) -> str:
    """Format as `07:01:02.123 INFO  event  job=orders`: local time, the traceback in own lines."""
    line = f"{zoned_clock(entry.utc)} {_level(entry.level)} {_event(entry)}"
    for row in entry.traceback.splitlines():
        line += f"\n    {escape(row)}"
    return line


def as_json(entry: LogEntry) -> str:
    """Format as one JSON object: ts, level, event, run, pid, logger, then the fields.

    Numbers stay numbers: durations are seconds.
    """
    shown: dict[str, Value] = {
        "ts": iso_millis(entry.utc),
        "level": _WORDS.get(entry.level, str(entry.level)),
        "event": entry.event,
        "run": entry.run,
        "pid": entry.pid,
        "logger": entry.logger,
    }
    for name, value in entry.fields.items():
        shown[f"{name}_" if name in _RESERVED else name] = value
    if entry.more:
        shown |= {"more": entry.more, "seconds": entry.seconds}
    if entry.traceback:
        shown["traceback"] = entry.traceback
    line = _encode(_encodable(shown))
    return _CONTROL.sub(_json_escape, line)


def _json_escape(found: re.Match[str]) -> str:
    """Return a character as JSON escapes it: one beyond U+FFFF takes two (RFC 8259, section 7)."""
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _encodable(shown: Mapping[str, Value]) -> dict[str, Value]:
    # Most readers of JSON refuse a lone surrogate, so show the byte that it stands for.
    return {name: _encodable_value(value) for name, value in shown.items()}


def _encodable_value(value: Value) -> Value:
    if isinstance(value, str):
        return escape_surrogates(value)
    return round(value, 6) if isinstance(value, float) else value


class _Latest:
    """The text of the latest entry's event: several outputs format one after another."""

    def __init__(self) -> None:
        self._made: tuple[Optional[LogEntry], str] = (None, "")

    def __call__(self, entry: LogEntry) -> str:
        """Return the text of an entry's event and fields."""
        of, line = self._made
        if of is not entry:
            line = _make_event(entry)
            self._made = (entry, line)  # in one step, whatever other threads log
        return line


_event = _Latest()


def _make_event(entry: LogEntry) -> str:
    line = escape(entry.event)
    if fields := " ".join(_fields(entry)):
        line += f"  {fields}"
    return f"{line}  … {entry.more} more in {entry.seconds} s" if entry.more else line


def _fields(entry: LogEntry) -> Iterator[str]:
    if not entry.from_fthg:
        yield f"logger={_value(entry.logger)}"
    for name, value in entry.fields.items():
        if value is not None:
            yield f"{name}={_value(value)}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else quote(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    # A kind of number of its own, as units.Seconds, has a text of its own.
    return repr(round(value, 6)) if type(value) is float else str(value)


def _level(level: int) -> str:
    return f"{_SHORT.get(level, str(level)):5}"


Format = Callable[[LogEntry], str]

FORMATS: Mapping[str, Format] = MappingProxyType({"text": text, "json": as_json})
"""Formats of a log file, by the name that the configuration uses."""
