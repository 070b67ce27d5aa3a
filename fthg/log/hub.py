"""Greenlets that end by an unexpected error: told by the log, not printed through the live view."""

from __future__ import annotations

from typing import Any

import gevent

from .events import Log


def quiet_hub(log: Log) -> None:
    """Let errors that nobody caught in a greenlet of this thread go to `log`, until the hub ends.

    The error is one line; its traceback follows at debug.
    """

    def tell(context: object, kind: Any, error: Any, trace: Any) -> None:
        made = error if isinstance(error, BaseException) else kind(error)
        log.error("unexpected error in a greenlet", error=made)
        log.debug("where it happened", greenlet=context, exc_info=made.with_traceback(trace))

    gevent.get_hub().print_exception = tell
