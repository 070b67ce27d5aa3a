"""Told → one line: logfmt text, JSON, or the shorter text of the console (pure)."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from .entry import Told, Value
from .events import LEVELS

_WORDS = {number: word for word, number in LEVELS.items()} | {logging.CRITICAL: "error"}
_SHORT = {level: ("WARN" if word == "warning" else word.upper()) for level, word in _WORDS.items()}

# Control characters, line ends and what turns text around: all that could forge a line or drive a
# terminal; and what stands for undecodable bytes of a file name.
_UNSAFE = "\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_CONTROL = re.compile(f"[{_UNSAFE}]")
_QUOTED = re.compile(rf'[{_UNSAFE}"\\]')
_BARE = re.compile(rf'[^\s"={_UNSAFE}]+')
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_BYTES = range(0xDC80, 0xDD00)
_UNDECODABLE = re.compile("[\ud800-\udfff]")
_TAKEN = ("time", "level", "logger", "event")

_encode = json.JSONEncoder(ensure_ascii=False).encode


def text(told: Told) -> str:
    """`2026-11-24T07:01:02.123Z INFO  event  job=orders file="a b.txt"`."""
    return f"{utc(told.created)} {untimed(told)}"


def untimed(told: Told) -> str:
    """The line of `text` without its time, for outputs that bring their own."""
    line = f"{_level(told.level)} {_event(told)}"
    if told.traceback:
        line += f" traceback={_value(told.traceback)}"
    return line


def console(told: Told) -> str:
    """`07:01:02.123 INFO  event  job=orders`: local time, a traceback in lines of its own."""
    line = f"{_clock(told.created)} {_level(told.level)} {_event(told)}"
    for row in told.traceback.splitlines():
        line += f"\n    {escape(row)}"
    return line


def as_json(told: Told) -> str:
    """One JSON object: time, level, logger, event, then the fields."""
    shown: dict[str, Value] = {
        "time": utc(told.created),
        "level": _word(told.level),
        "logger": told.logger,
        "event": told.event,
    }
    for name, value in told.fields.items():
        shown[f"{name}_" if name in _TAKEN else name] = value
    if told.more:
        shown |= {"more": told.more, "seconds": told.seconds}
    if told.traceback:
        shown["traceback"] = told.traceback
    line = _encode(_decodable(shown))
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def utc(created: float) -> str:
    """`2026-11-24T07:01:02.123Z`."""
    seconds, thousandths = divmod(int(created * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{thousandths:03d}Z"


def _clock(created: float) -> str:
    seconds, thousandths = divmod(int(created * 1000), 1000)
    return f"{time.strftime('%H:%M:%S', time.localtime(seconds))}.{thousandths:03d}"


def escape(shown: str) -> str:
    """The text with nothing in it that ends a line or drives a terminal."""
    return _CONTROL.sub(_escaped, shown)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if code in _BYTES:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _decodable(shown: dict[str, Value]) -> dict[str, Value]:
    # A lone surrogate is no text to most readers of JSON: show the byte it stands for.
    return {
        name: _UNDECODABLE.sub(_escaped, value)
        if isinstance(value, str) and not value.isascii()
        else value
        for name, value in shown.items()
    }


def _event(told: Told) -> str:
    line = escape(told.event)
    if fields := " ".join(_fields(told)):
        line += f"  {fields}"
    return f"{line}  … {told.more} more in {told.seconds} s" if told.more else line


def _fields(told: Told) -> Iterator[str]:
    if not told.ours:
        yield f"logger={_value(told.logger)}"
    for name, value in told.fields.items():
        if value is not None:
            yield f"{name}={_value(value)}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return value if _BARE.fullmatch(value) else f'"{_QUOTED.sub(_escaped, value)}"'
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(round(value, 6)) if isinstance(value, float) else str(value)


def _level(level: int) -> str:
    return f"{_SHORT.get(level, str(level)):5}"


def _word(level: int) -> str:
    return _WORDS.get(level, str(level))


Format = Callable[[Told], str]

FORMATS: Mapping[str, Format] = MappingProxyType({"text": text, "json": as_json})
"""How a file's lines may look, by the word for it."""
