"""The lines of the CSV as SQL over a paired ledger.

SQLite formats what is plain, in half of the time that Python needs; the rest, such as a text with
quotes or a time after the year 9999, it hands to the functions in FUNCTIONS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ..text import iso_micros
from . import sql
from .outcomes import RESULTS
from .tracked import SECOND
from .uuids import dashed

COLUMNS = (
    "uuid", "filename", "result",
    "ingress_start", "ingress_end", "egress_start", "egress_end",
    "ingress_seconds", "hand_over_seconds", "egress_seconds", "transit_seconds",
    "ingress_status", "egress_status",
)  # fmt: skip
SENT_COLUMNS = ("sent_start", "sent_end", "size", "delivery_seconds", "bytes_per_second")

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTED = ('"', ",", "\r", "\n")
_END_OF_9999 = 253_402_300_800 * SECOND


def cell(text: str) -> str:
    """Return a text as a cell (RFC 4180) that no spreadsheet takes for a formula."""
    safe = f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
    if any(character in safe for character in _QUOTED):
        return '"' + safe.replace('"', '""') + '"'
    return safe


FUNCTIONS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "fthg_cell": cell,
        "fthg_moment": lambda microseconds: iso_micros(microseconds * 1000),
        "fthg_uuid": lambda key: dashed(key.hex()) if isinstance(key, bytes) else cell(key),
    }
)
"""Functions of one argument that the SQL calls."""


def select(sent: bool) -> str:
    """Return a SELECT of each transfer as one line, those that did not pass first."""
    result = " ".join(f"WHEN {code} THEN '{name}'" for code, name in enumerate(RESULTS))
    cells = [
        _uuid("coalesce(i.key, e.key)"),
        f"CASE WHEN i.filename <> '' THEN {_text('i.filename')} ELSE {_text('e.filename')} END",
        f"CASE t.result {result} END",
        *map(_moment, ("t.i_start", "t.i_end", "t.e_start", "t.e_end")),
        _seconds("t.i_end - t.i_start"),
        _seconds("t.e_start - t.i_end"),
        _seconds("t.e_end - t.e_start"),
        _seconds("t.e_end - t.i_start"),
        _text("i.status"),
        _text("e.status"),
    ]
    if sent:
        delivery = "(t.e_end - s.start)"
        cells += [
            _moment("s.start"),
            _moment("s.end"),
            "coalesce(s.size, '')",
            _seconds(delivery),
            # In two steps: bytes times a million may be too large for 64 bits.
            f"CASE WHEN {delivery} > 0 AND s.size IS NOT NULL THEN s.size / {delivery} * {SECOND} "
            f"+ s.size % {delivery} * {SECOND} / {delivery} ELSE '' END",
        ]
    line = " || ',' || ".join(cells)
    return f"SELECT {line} || char(13, 10) {sql.JOINED} ORDER BY t.result, t.start"


def _uuid(key: str) -> str:
    return f"CASE WHEN {key} IS NULL THEN '' ELSE fthg_uuid({key}) END"


def _text(text: str) -> str:
    special = " OR ".join(
        f"instr({text}, char({', '.join(str(ord(one)) for one in character)}))"
        for character in _QUOTED
    )
    return (
        f"CASE WHEN {text} IS NULL THEN '' "
        f"WHEN {text} NOT GLOB '[0-9A-Za-z]*' OR {special} THEN fthg_cell({text}) ELSE {text} END"
    )


def _moment(time: str) -> str:
    return (
        f"CASE WHEN {time} IS NULL THEN '' WHEN {time} NOT BETWEEN 0 AND {_END_OF_9999 - 1} "
        f"THEN fthg_moment({time}) ELSE "
        f"printf('%sT%s.%06dZ', date({time} / {SECOND}, 'unixepoch'), "
        f"time({time} / {SECOND}, 'unixepoch'), {time} % {SECOND}) END"
    )


def _seconds(duration: str) -> str:
    return (
        f"CASE WHEN {duration} IS NULL THEN '' ELSE printf('%s%d.%06d', "
        f"CASE WHEN {duration} < 0 THEN '-' ELSE '' END, "
        f"abs({duration}) / {SECOND}, abs({duration}) % {SECOND}) END"
    )
