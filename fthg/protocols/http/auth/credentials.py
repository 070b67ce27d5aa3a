"""Authorizes the requests of one job where a fixed header does not suffice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Optional

from ..answer import Answer
from ..outgoing import Request
from .authorization import Authorization

Send = Callable[[], Answer]
"""Sends a request, each time that it is called, and returns the answer."""


class Credentials(ABC):
    """A way to authorize the requests of one job that takes more than a fixed header."""

    @abstractmethod
    def exchange(self, request: Request, send: Send) -> Answer:
        """Send an authorized request and return the answer that counts; raises TransferError.

        A request that the server refuses may be sent again, when that can help.
        """

    def close(self) -> None:  # noqa: B027 - most need no server
        """End pending requests for credentials; greenlets that wait for them get an error."""


class CurrentText(Credentials):
    """Basic and bearer authentication whose secret stands in a file that may change."""

    def __init__(self, authorization: Authorization) -> None:
        self._authorization = authorization

    def exchange(self, request: Request, send: Send) -> Answer:
        """Send a request with what the file held within the last second."""
        request.sign = self._value
        return send()

    def _value(self, request: Request) -> str:
        if self._authorization.secret.is_due:
            request.watch.enter("authenticating")
        return self._authorization.value


def current_text(authorization: Authorization) -> Optional[Credentials]:
    """Return what authorizes each request; None if the header is always the same."""
    return CurrentText(authorization) if authorization.fixed is None else None
