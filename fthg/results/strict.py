"""Parses lines of results files as any JSON, value by value; errors name the defect (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Optional

from ..clock import SECOND
from ..errors import KINDS
from ..peer import Peer
from ..standstill import Slices, Standstill
from ..transfer import OUTCOMES, PHASES, Result, cut_detail
from . import fields
from .recorded import Recorded, RecordedStandstill

LONGEST = 256 * 1024
"""Bytes of a line: even one that names the longest path twice, byte by byte escaped, is shorter."""

_LAST = 100_000_000_000  # seconds since 1970: three thousand years from now

_WRITTEN = {
    key: re.compile(rb',"%b":([0-9]{1,11})\.([0-9]{6}),"' % key.encode())
    for key in (fields.DUE, fields.START, fields.END)
}
"""A moment as fthg writes it: found in a fifth of the time that JSON takes."""


def parse_strictly(line: bytes) -> Recorded:
    """Return the result of a line of JSON, whatever the order of its keys; as `parse_line`."""
    entry = read_object(line)
    due = _moment(entry, fields.DUE)
    if due is None:
        raise _missing(fields.DUE)
    detail = _text(entry, fields.DETAIL)
    result = Result(
        job=_needed(entry, fields.JOB),
        seq=_count(entry, fields.SEQ) or 0,
        uuid=_text(entry, fields.UUID) or "",
        name=_text(entry, fields.FILE),
        size=_count(entry, fields.SIZE),
        outcome=_word(entry, fields.OUTCOME, OUTCOMES) or _needed(entry, fields.OUTCOME),
        due=due,
        start=_moment(entry, fields.START),
        end=_moment(entry, fields.END),
        code=_count(entry, fields.CODE),
        error=_word(entry, fields.ERROR, KINDS),
        detail=detail and cut_detail(detail),
        bytes=_count(entry, fields.BYTES) or 0,
        phases=_phases(entry),
        peer=_peer(entry),
    )
    return Recorded(_needed(entry, fields.RUN), result, _text(entry, fields.SLICE) or "")


def parse_moment(line: bytes, key: str) -> Optional[int]:
    """Return one moment of a result; None if it has none; ValueError as `parse_line`."""
    if (written := _WRITTEN[key].search(line)) and line.endswith(b"}\n"):
        return int(written[1] + written[2]) * (SECOND // 1_000_000)
    entry = read_object(line)
    if key not in entry:
        raise _missing(key)
    return _moment(entry, key)


def parse_standstill(line: bytes) -> Optional[RecordedStandstill]:
    """Return the standstill of a line; None if it is of none, or not whole."""
    if b'"standstill"' not in line:
        return None
    try:
        entry = read_object(line)
        found: Any = entry.get(fields.STANDSTILL)
        start, length = _moment(found, fields.START), _moment(found, fields.SECONDS)
        dropped, cause = _count(found, fields.DROPPED), _needed(found, fields.CAUSE)
        if start is None or length is None:
            return None
        standstill = Standstill(start, length, dropped or 0, cut_detail(cause))
        run, whose = _needed(entry, fields.RUN), _text(entry, fields.SLICE) or ""
        return RecordedStandstill(run, standstill, _slices(found), whose)
    except (ValueError, AttributeError):
        return None


def _slices(entry: Mapping[str, Any]) -> Slices:
    return {
        job: (int(part), int(of))
        for job, text in (entry.get(fields.SLICES) or {}).items()
        for part, _, of in [str(text).partition("/")]
    }


def read_object(line: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a line; ValueError names briefly why there is none."""
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
        raise ValueError("it is not a JSON object")
    return found


def _missing(key: str) -> ValueError:
    return ValueError(f'it has no "{key}"')


def _needed(entry: Mapping[str, Any], key: str) -> str:
    text = _text(entry, key)
    if not text:
        raise _missing(key)
    return text


def _text(entry: Mapping[str, Any], key: str) -> Optional[str]:
    value = entry.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f'its "{key}" is not a text')


def _word(entry: Mapping[str, Any], key: str, known: Collection[str]) -> Optional[str]:
    value = _text(entry, key)
    if value is None or value in known:
        return value
    raise ValueError(f'its "{key}" is none of {", ".join(known)}')


def _count(entry: Mapping[str, Any], key: str) -> Optional[int]:
    value = entry.get(key)
    if value is None:
        return None
    if type(value) is int and 0 <= value < 1 << 63:
        return value
    raise ValueError(f'its "{key}" is not a whole number')


def _moment(entry: Mapping[str, Any], key: str) -> Optional[int]:
    value = entry.get(key)
    if value is None:
        return None
    if type(value) not in {int, float} or not 0 <= value < _LAST:  # NaN is not, either
        raise ValueError(f'its "{key}" is not a time in Unix seconds')
    # Microseconds were written; the error of the float itself is a quarter of one.
    microseconds: int = round(value * 1_000_000)
    return microseconds * (SECOND // 1_000_000)


def _phases(entry: Mapping[str, Any]) -> Mapping[str, float]:
    phases: Any = entry.get(fields.PHASES) or {}
    if not isinstance(phases, dict):
        raise ValueError(f'its "{fields.PHASES}" are not a mapping')
    for name, seconds in phases.items():
        if name not in PHASES or type(seconds) not in {int, float} or not 0 <= seconds < _LAST:
            raise ValueError(f'its "{fields.PHASES}" are not all known phases with seconds')
    return phases


def _peer(entry: Mapping[str, Any]) -> Optional[Peer]:
    remote, local_port = _text(entry, fields.REMOTE), _count(entry, fields.LOCAL_PORT)
    if remote is None or local_port is None:
        return None
    return Peer(remote, local_port, entry.get(fields.REUSED) is True)
