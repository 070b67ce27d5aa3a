"""Judges whether a transfer is `ok`: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Collection

from ...errors import TransferError
from .answer import EXCERPT, Answer
from .details import status_detail
from .request import Request

_LONGEST_REASON = 100


def judge(request: Request, answer: Answer, expect: Collection[int]) -> None:
    """Raise TransferError (status, proxy, cut) unless the server has taken the file.

    It has if its answer is expected and the complete body of the request was written.
    """
    if answer.status not in expect:
        raise unexpected_status(answer)
    if not request.whole:
        taken = f"{request.body_written} of {request.length} bytes"
        reason = f"the server answered {status_line(answer)}, but took only {taken} of the body"
        raise TransferError("cut", reason, code=answer.status)


def unexpected_status(answer: Answer) -> TransferError:
    """Return the error for an unexpected status, with the beginning of the server's answer."""
    kind = "proxy" if answer.status == 407 else "status"
    return TransferError(kind, answer_text(answer), code=answer.status)


def answer_text(answer: Answer) -> str:
    """Return the status line, the headers that help, and the beginning of the body as text."""
    excerpt, whole = answer.excerpt, len(answer.excerpt) < EXCERPT
    return status_detail(answer.status, answer.reason, answer.fields, excerpt, whole=whole)


def status_line(answer: Answer) -> str:
    """Return status and reason, the beginning of a long one: `200 OK`."""
    return f"{answer.status} {answer.reason[:_LONGEST_REASON]}".strip()
