"""Judges whether a transfer is `ok`: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Collection

from ...errors import TransferError
from .answer import Answer
from .request import Request


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
    """Return the status line, and the beginning of the body if there is one."""
    body = " ".join(answer.excerpt.decode("utf-8", "replace").split())
    return f"{status_line(answer)}: {body}" if body else status_line(answer)


def status_line(answer: Answer) -> str:
    """Return status and reason: `200 OK`."""
    return f"{answer.status} {answer.reason}".strip()
