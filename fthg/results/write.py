"""Results → lines of JSON (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _text
from typing import Optional

from ..clock import SECOND
from ..peer import Peer
from ..standstill import Slices, Standstill
from ..transfer import Result
from . import fields
from .fields import FIELDS

(
    _RUN, _JOB, _SEQ, _UUID, _FILE, _SIZE, _OUTCOME, _DUE, _START, _END,
    _CODE, _ERROR, _DETAIL, _BYTES, _PHASES, _REMOTE, _LOCAL_PORT, _REUSED,
) = (f',"{name}":' for name in FIELDS)  # fmt: skip
# UUID and outcome need nothing but quotes; each piece more costs time.
_UUID, _FILE, _OUTCOME, _DUE = f'{_UUID}"', f'"{_FILE}', f'{_OUTCOME}"', f'"{_DUE}'


def result_lines(results: Sequence[Result], run: str, offset: int, slice_: str = "") -> list[bytes]:
    """Return the line of each result, its line end included; `run` is the run's id.

    `slice_` is the machine's, as in `3/10`, and empty in a whole run.

    `offset` turns readings of the run's clock into UTC: nanoseconds since 1970 minus a reading.
    Undecodable bytes of file names are written as lone surrogates, which Python's json reads back.
    """
    # By hand, as this is done for every transfer and json.dumps takes three times as long; without
    # a call where a condition will do.
    ending = _ending(slice_)
    beginning = f"{{{_RUN[1:]}{_text(run)}{_JOB}"
    return [
        (
            f"{beginning}{_text(job)}{_SEQ}{seq}"
            f'{_UUID}{uuid}{_FILE}{"null" if name is None else _text(name)}'
            f'{_SIZE}{"null" if size is None else size}{_OUTCOME}{outcome}'
            f"{_DUE}{_moment(due, offset)}{_START}{_moment(start, offset)}"
            f'{_END}{_moment(end, offset)}{_CODE}{"null" if code is None else code}'
            f'{_ERROR}{"null" if error is None else _text(error)}'
            f'{_DETAIL}{"null" if detail is None else _text(detail)}{_BYTES}{size_sent}'
            f"{_PHASES}{_form(tuple(phases)) % tuple(phases.values())}{_peer(peer)}{ending}"
        ).encode()
        for (
            job, seq, uuid, name, size, outcome, due, start, end,
            code, error, detail, size_sent, phases, peer,
        ) in results
    ]  # fmt: skip


def standstill_line(
    standstill: Standstill, run: str, offset: int, slices: Slices, slice_: str = ""
) -> bytes:
    """Return the line of a standstill; see `result_lines`. `slices` is empty for a whole run."""
    start, length, dropped, cause = standstill
    parts = ",".join(f'{_text(job)}:"{part}/{of}"' for job, (part, of) in slices.items())
    whose = f',"{fields.SLICES}":{{{parts}}}' if slices else ""
    return (
        f'{{{_RUN[1:]}{_text(run)},"{fields.STANDSTILL}":{{"{fields.START}":'
        f'{_moment(start, offset)},"{fields.SECONDS}":{length / SECOND:.6f},'
        f'"{fields.DROPPED}":{dropped},"{fields.CAUSE}":{_text(cause)}{whose}}}{_ending(slice_)}'
    ).encode()


def _ending(slice_: str) -> str:
    return f',"{fields.SLICE}":{_text(slice_)}}}\n' if slice_ else "}\n"


def _moment(reading: Optional[int], offset: int) -> str:
    if reading is None:
        return "null"
    # As text, not as a float: less work, and exact.
    digits = str((reading + offset) // 1000).zfill(7)
    return f"{digits[:-6]}.{digits[-6:]}"


@lru_cache(maxsize=64)  # transfers of the same kind have the same phases
def _form(phases: Sequence[str]) -> str:
    """Return the text of phases with a place for the seconds of each."""
    return "{" + ",".join([f'"{name}":%.6f' for name in phases]) + "}"


@lru_cache(maxsize=1024)  # a connection carries many transfers
def _peer(peer: Optional[Peer]) -> str:
    """Return the fields of a connection."""
    if peer is None:
        return f"{_REMOTE}null{_LOCAL_PORT}null{_REUSED}null"
    reused = "true" if peer.reused else "false"
    return f"{_REMOTE}{_text(peer.remote)}{_LOCAL_PORT}{peer.local_port}{_REUSED}{reused}"
