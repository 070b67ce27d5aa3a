"""What results files tell: bytes → lines → results, whatever the bytes are (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, Optional

from ..clock import SECOND
from ..errors import KINDS
from ..transfer import OUTCOMES, PHASES, Result

LONGEST = 256 * 1024
"""Bytes of a line: even one that names the longest path twice, byte by byte escaped, is shorter."""

NAMED = 10
"""Lines that are no results are named one by one, up to so many."""

_LAST = 100_000_000_000  # seconds since 1970: three thousand years from now


class Recorded(NamedTuple):
    """A result as it was written down: its moments are UTC, nanoseconds since 1970."""

    run: str
    result: Result


@dataclass
class LeftOut:
    """What of a results file is no result."""

    lines: int = 0
    reasons: list[tuple[int, str]] = field(default_factory=list)  # line number and why, the first
    tail: Optional[tuple[int, int]] = None  # a last line that was cut off: its number, its bytes

    def add(self, number: int, reason: str) -> None:
        """Count a line, and name it if it is one of the first."""
        self.lines += 1
        if len(self.reasons) < NAMED:
            self.reasons.append((number, reason))


def results(file: BinaryIO, left_out: LeftOut) -> Iterator[Recorded]:
    """Yield every whole line that is a result, in bounded memory; `left_out` counts the others.

    A last line without a line end was cut off as by a kill, unless nothing but that is missing.
    """
    for number, (line, size) in enumerate(lines(file), 1):
        try:
            found = recorded(line)
        except ValueError as error:
            if not line.strip():
                continue
            if not line.endswith(b"\n") and size <= LONGEST and not whole(line):
                left_out.tail = number, size
            else:
                left_out.add(number, str(error))
        else:
            yield found


def lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield each line and its size; of one that is longer than LONGEST only the begin."""
    while line := file.readline(LONGEST + 1):
        size, more = len(line), line
        while len(more) > LONGEST and not more.endswith(b"\n"):
            more = file.readline(LONGEST + 1)
            size += len(more)
        yield line, size


def whole(line: bytes) -> bool:
    """True if it is a JSON object to its end, whether a line end follows or not."""
    try:
        entry(line)
    except ValueError:
        return False
    return True


def recorded(line: bytes) -> Recorded:
    """The result that a line tells; ValueError says what is wrong with it."""
    told = entry(line)
    due = _moment(told, "due")
    if due is None:
        raise ValueError('it has no "due"')
    result = Result(
        job=_text(told, "job") or _missing("job"),
        seq=_count(told, "seq") or 0,
        uuid=_text(told, "uuid") or "",
        name=_text(told, "file"),
        size=_count(told, "size"),
        outcome=_word(told, "outcome", OUTCOMES) or _missing("outcome"),
        due=due,
        start=_moment(told, "start"),
        end=_moment(told, "end"),
        code=_count(told, "code"),
        error=_word(told, "error", KINDS),
        detail=_text(told, "detail"),
        bytes=_count(told, "bytes") or 0,
        phases=_phases(told),
    )
    return Recorded(_text(told, "run") or _missing("run"), result)


def entry(line: bytes) -> dict[str, Any]:
    """The JSON object of a line; ValueError says in a few words what it is instead."""
    if len(line) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} bytes")
    try:
        found = json.loads(line.decode())
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except (ValueError, RecursionError):
        cut = line.startswith(b'{"') and not line.rstrip().endswith(b"}")
        raise ValueError("it is cut off" if cut else "it is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")
    return found


def _missing(key: str) -> str:
    raise ValueError(f'it has no "{key}"')


def _text(told: Mapping[str, Any], key: str) -> Optional[str]:
    value = told.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f'its "{key}" is no text')


def _word(told: Mapping[str, Any], key: str, known: Any) -> Optional[str]:
    value = _text(told, key)
    if value is None or value in known:
        return value
    raise ValueError(f'its "{key}" is none of {", ".join(known)}')


def _count(told: Mapping[str, Any], key: str) -> Optional[int]:
    value = told.get(key)
    if value is None:
        return None
    if type(value) is int and 0 <= value < 1 << 63:
        return value
    raise ValueError(f'its "{key}" is no whole number')


def _moment(told: Mapping[str, Any], key: str) -> Optional[int]:
    value = told.get(key)
    if value is None:
        return None
    if type(value) not in {int, float} or not 0 <= value < _LAST:  # NaN is not, either
        raise ValueError(f'its "{key}" is no time in Unix seconds')
    # A microsecond is what was written; the float's own error is a quarter of one.
    microseconds: int = round(value * 1_000_000)
    return microseconds * (SECOND // 1_000_000)


def _phases(told: Mapping[str, Any]) -> Mapping[str, float]:
    phases: Any = told.get("phases") or {}
    if not isinstance(phases, dict):
        raise ValueError('its "phases" are no mapping')
    for name, seconds in phases.items():
        if name not in PHASES or type(seconds) not in {int, float} or not 0 <= seconds < _LAST:
            raise ValueError('its "phases" are none that there are')
    return phases
