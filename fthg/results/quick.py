"""Lines of results exactly as fthg writes them, read in a third of the time that JSON takes (pure).

The keys have a fixed order, and nearly all texts are plain. All other lines are left
to `strict`: whatever is read here must be read equally there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Optional

from ..errors import KINDS
from ..peer import Peer
from ..transfer import DETAIL_LENGTH, OUTCOMES, PHASES, Result
from .fields import FIELDS, LOCAL_PORT, REMOTE, REUSED, SLICE
from .recorded import Recorded

_OWN = FIELDS.index(REMOTE)
"""The fields before those of the connection, which are read together."""


def _pattern() -> str:
    """Return the pattern of a line of plain texts, moments before 2096 and known phases."""
    plain = r'[^"\\\x00-\x1f]'
    count = r"(?:0|[1-9][0-9]{0,17})"
    # Of later moments the float that JSON knows is no longer exact to the microsecond.
    moment = r"([1-3][0-9]{9}|[1-9][0-9]{0,8}|0)\.([0-9]{6})"  # moments of today are tried first
    phase = rf'"(?:{"|".join(PHASES)})":(?:0|[1-9][0-9]{{0,9}})\.[0-9]{{6}}'
    needed, maybe_moment, maybe_count = f'"({plain}+)"', f"(?:null|{moment})", f"(?:null|({count}))"
    values = (
        needed, needed, f"({count})", f'"({plain}*)"', f'(?:null|"({plain}*)")', maybe_count,
        f'"({"|".join(OUTCOMES)})"', moment, maybe_moment, maybe_moment,
        maybe_count, f'(?:null|"({"|".join(KINDS)})")',
        f'(?:null|"({plain}{{0,{DETAIL_LENGTH}}})")', f"({count})",
        rf"(\{{(?:{phase}(?:,{phase})*)?\}})",
        f'(?:null|"{plain}*")', f"(?:null|{count})", "(?:null|false|true)",
    )  # fmt: skip
    keys = [f'"{name}":{value}' for name, value in zip(FIELDS, values)]
    own, peer = ",".join(keys[:_OWN]), ",".join(keys[_OWN:])
    return rf'\{{{own},({peer})(?:,"{SLICE}":"({plain}*)")?\}}\n?'


_read = re.compile(_pattern()).fullmatch
# A method that has no declaration: it spares what decode() does before and after it.
_scan: Callable[[str, int], tuple[dict[str, float], int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_new = tuple.__new__  # half the time of the constructor


def quick(line: bytes) -> Optional[Recorded]:
    """Return the result of a line that is just as fthg writes most of them; None of any other."""
    found = _read(line.decode("ascii")) if line.isascii() else None
    if found is None:
        return None
    (
        run, job, seq, uuid, name, size, outcome, due, due_us, start, start_us, end, end_us,
        code, error, detail, sent, phases, peer, whose,
    ) = found.groups()  # fmt: skip
    result = _new(
        Result,
        (
            job,
            int(seq),
            uuid,
            name,
            size and int(size),
            outcome,
            int(due + due_us) * 1000,
            start and int(start + start_us) * 1000,
            end and int(end + end_us) * 1000,
            code and int(code),
            error,
            detail,
            int(sent),
            {} if phases == "{}" else _scan(phases, 0)[0],
            _peer(peer),
        ),
    )
    return _new(Recorded, (run, result, whose or ""))


@lru_cache(maxsize=1024)  # a connection carries many transfers
def _peer(fields: str) -> Optional[Peer]:
    """Return the connection of these fields."""
    entry = json.loads(f"{{{fields}}}")
    remote, port = entry[REMOTE], entry[LOCAL_PORT]
    return None if remote is None or port is None else Peer(remote, port, entry[REUSED] is True)
