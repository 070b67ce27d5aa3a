"""The rows of the page's table of all transfers: columns as JSON, compressed, in base64."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple, Optional, Union

from ..outcomes import RESULTS
from ..tracked import Row, Tracked

MOST = 100_000
CHUNK = 5_000
BUDGET = 6_500_000
"""Characters of all chunks together: the page stays below 8 MB, however long the names are."""

_TIMES = ("ingress_start", "ingress_end", "egress_start", "egress_end", "sent_start", "sent_end")
Times = tuple[Optional[int], ...]
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Packed(NamedTuple):
    """Chunks of at most CHUNK transfers each, with the number and times of all in them."""

    chunks: Sequence[str]
    rows: int
    first: int  # the earliest and the latest time of any row
    last: int


def pack(transfers: Iterable[Tracked], base: int) -> Packed:
    """Pack the first transfers, at most MOST, that fit into BUDGET; times count from `base`."""
    source, chunks, rows, used = iter(transfers), list[str](), 0, 0
    first = last = base
    while rows < MOST and (part := list(islice(source, min(CHUNK, MOST - rows)))):
        times = [_times(transfer) for transfer in part]
        chunk = base64.b64encode(_gzip(_columns(part, times, base))).decode()
        used += len(chunk)
        if used > BUDGET:
            break
        chunks.append(chunk)
        rows += len(part)
        known = [time for of_one in times for time in of_one if time is not None]
        first, last = min(first, *known), max(last, *known)
    return Packed(chunks, rows, first, last)


def _gzip(columns: object) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(json.dumps(columns, separators=(",", ":")).encode()) + packer.flush()


def _columns(part: Sequence[Tracked], times: Sequence[Times], base: int) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "uuid": [_short(transfer.uuid) for transfer in part],
        "file": [transfer.filename for transfer in part],
        "result": [RESULTS.index(transfer.result) for transfer in part],
        "ingress_status": [_status(transfer.ingress) for transfer in part],
        "egress_status": [_status(transfer.egress) for transfer in part],
    }
    steps = [_steps(of_one, base) for of_one in times]
    for index, name in enumerate(_TIMES):
        columns[name] = [of_one[index] for of_one in steps]
    columns["size"] = [transfer.sent and transfer.sent.size for transfer in part]
    return columns


def _short(uuid: Optional[str]) -> Optional[str]:
    return uuid.replace("-", "") if uuid and _UUID.fullmatch(uuid) else uuid


def _status(row: Optional[Row]) -> Union[str, int, None]:
    """Return the text of a status, 0 where the row has none, None where there is no row."""
    if row is None:
        return None
    return 0 if row.status is None else row.status


def _times(transfer: Tracked) -> Times:
    ingress, egress, sent = transfer.ingress, transfer.egress, transfer.sent
    return (
        ingress and ingress.start,
        ingress and ingress.end,
        egress and egress.start,
        egress and egress.end,
        sent and sent.start,
        sent and sent.end,
    )


def _steps(times: Times, base: int) -> list[Optional[int]]:
    """Return each time as the step from the last known one: small numbers pack well."""
    steps, before = list[Optional[int]](), base
    for time in times:
        steps.append(None if time is None else time - before)
        before = before if time is None else time
    return steps
