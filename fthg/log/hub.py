"""Errors that end a greenlet: logged, not printed through the live view."""

from __future__ import annotations

from typing import Any

import gevent

from .events import Log


def quiet_hub(log: Log) -> None:
    """Log to `log` every error that no greenlet of this thread caught, as long as the hub lives.

    The error is one line; its traceback follows at debug.
    """

    def log_error(context: object, kind: Any, value: Any, trace: Any) -> None:
        error = value if isinstance(value, BaseException) else kind(value)
        log.error("unexpected error in a greenlet", error=error)
        log.debug("where it happened", greenlet=context, exc_info=error.with_traceback(trace))

    gevent.get_hub().print_exception = log_error
