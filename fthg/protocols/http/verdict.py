"""Judges whether a transfer is `ok`: the one place where that is decided."""

from __future__ import annotations

from typing import Optional

from ...clock import Clock
from ...errors import TransferError
from .answer import EXCERPT, Answer
from .auth.hints import login_hint
from .details import status_detail
from .expected import Expected
from .options import HttpOptions
from .outgoing import Request

_LONGEST_REASON = 100

_FOR_LATE_CERTIFICATE = (
    "; if the server asks for the client certificate only for this path, it must keep the body "
    "until it has it: with `expect_continue: true` the body waits"
)
"""Apache keeps 128 KiB, and refuses longer bodies."""


class Judge:
    """Judges the answers to one job's requests."""

    def __init__(self, options: HttpOptions, clock: Clock) -> None:
        self._statuses = options.expect
        self._auth = options.auth
        self._late_certificate = options.cert is not None and not options.expect_continue
        self._expected: Optional[Expected] = None
        if options.expect_body is not None or options.expect_headers:
            self._expected = Expected(options.expect_body, options.expect_headers, clock)

    def judge(self, request: Request, answer: Answer) -> None:
        """Raise TransferError (status, proxy, cut) unless the server has taken the file.

        It has if its answer is expected and the complete body of the request was written.
        """
        if answer.status not in self._statuses:
            hint = login_hint(request, answer, self._auth) if answer.status == 401 else ""
            error = unexpected_status(answer, hint)
            if answer.status == 413 and self._late_certificate:
                error.detail += _FOR_LATE_CERTIFICATE
            raise error
        if not request.whole:
            taken = f"{request.body_written} of {request.length} bytes"
            reason = f"the server answered {status_line(answer)}, but took only {taken} of the body"
            raise TransferError("cut", reason, code=answer.status)
        if self._expected is not None and (missing := self._expected.missing(answer)):
            raise TransferError(
                "status", f"{status_line(answer)}, but {missing}", code=answer.status
            )


def unexpected_status(answer: Answer, hint: str = "") -> TransferError:
    """Return the error for an unexpected status, with the beginning of the server's answer."""
    kind = "proxy" if answer.status == 407 else "status"
    return TransferError(kind, answer_text(answer, hint), code=answer.status)


def answer_text(answer: Answer, hint: str = "") -> str:
    """Return the status line, what helps, and the beginning of the body as text."""
    excerpt, whole = bytes(answer.excerpt[:EXCERPT]), len(answer.excerpt) < EXCERPT
    return status_detail(
        answer.status, answer.reason, answer.fields, excerpt, whole=whole, hint=hint
    )


def status_line(answer: Answer) -> str:
    """Return status and reason, the beginning of a long one: `200 OK`."""
    return f"{answer.status} {answer.reason[:_LONGEST_REASON]}".strip()
