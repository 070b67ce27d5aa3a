"""Status codes of servers with their meaning, for people (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from ...protocols.sftp.packets import OK, STATUSES
from ...text import escape

_FIRST_OF_HTTP = 100


def show_codes(codes: Mapping[str, int]) -> Sequence[str]:
    """Return `503 Service Unavailable: 3` for each code but the OK of SFTP, which says nothing."""
    return [f"{escape(_show(code))}: {count:,}" for code, count in codes.items() if code != str(OK)]


def _show(code: str) -> str:
    number = int(code)
    if number < _FIRST_OF_HTTP:
        return f"SFTP {number} {STATUSES.get(number, 'unknown')}"
    try:
        return f"{number} {HTTPStatus(number).phrase}"
    except ValueError:  # one of the server's own
        return code
