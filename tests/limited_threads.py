"""A host that starts only so many threads."""

from __future__ import annotations

from collections.abc import Callable

from gevent import monkey

_start_thread = monkey.get_original("_thread", "start_new_thread")
_stack_size = monkey.get_original("_thread", "stack_size")


class LimitedThreads:
    """Starts native threads as `_thread.start_new_thread` does, until `most` were started."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, act: Callable[..., object], arguments: tuple[object, ...]) -> None:
        before = _stack_size(0 if self.most else 1 << 46)  # half of all addresses
        try:
            _start_thread(act, arguments)
        finally:
            _stack_size(before)
        self.most -= 1
