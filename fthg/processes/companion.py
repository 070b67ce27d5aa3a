"""A child process with an object of its own, whose methods the parent calls by messages."""

from __future__ import annotations

import logging
import os
import socket
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn, Optional

import gevent
from gevent.hub import Hub, set_hub

from ..clock import Clock
from ..errors import FthgError
from ..log import Log
from .child import Child, ChildEnds, fork_child, leave_parent, show_status
from .error_lines import relay_lines
from .messages import Inbox, send

_ITEM, _LOGGED, _DONE, _FAILED, _UNEXPECTED = range(5)  # the kinds of answers

_log = Log(__name__)


class CompanionLostError(Exception):
    """The process of a companion has ended; the text says how."""


class Companion:
    """The parent's end of a child that has an object of its own, until it is closed.

    One call at a time: it answers with what the method yields, as it comes, and what it logs is
    logged here. A child whose parent takes no answers waits.
    """

    def __init__(self, make: Callable[[], Any], others: Sequence[Companion] = ()) -> None:
        """Fork; OSError if that fails. The object is what `make` returns in the child; it is
        closed at its end. `others` have been started before.
        """
        self._child: Child = fork_child(partial(_serve, make), [other._child for other in others])
        self._relaying = gevent.spawn(relay_lines, self._child.errors, _log_line)
        self._status: Optional[int] = None
        self._ended = False

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    def call(
        self, method: str, *arguments: object, file: Optional[int] = None
    ) -> Generator[Any, None, None]:
        """Begin a call, and return its answers, which must be taken to the last one.

        The method gets a copy of the descriptor `file`, if there is one, as its first argument.
        Raises an FthgError or an OSError as the method did, CompanionLostError if the process dies.
        """
        try:
            send(self._child.line, (method, arguments, file is not None))
            if file is not None:
                socket.send_fds(self._child.line, [b"f"], [file])
        except OSError:
            self._lose()
        return self._answers()

    def _answers(self) -> Generator[Any, None, None]:
        done = False
        try:
            while not done:
                kind, content = self._child.inbox.receive() or self._lose()
                if kind == _ITEM:
                    yield content
                elif kind == _LOGGED:
                    logging.getLogger(content.name).handle(content)
                else:
                    done = True
                    _raise(kind, content)
        finally:
            if not done:  # the rest of its answers would be mistaken for those of the next call
                self.close()

    def _lose(self) -> NoReturn:
        self.close()
        raise CompanionLostError(show_status(self._status))

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._ended:
            return
        self._ended = True
        try:
            with suppress(OSError):  # it is gone
                self._child.line.shutdown(socket.SHUT_WR)
            self._status = self._child.reap(Clock())
        finally:
            self._relaying.kill()
            self._child.close()


def _log_line(line: str) -> None:
    _log.error("a child process wrote", line=line)


def _raise(kind: int, content: Any) -> None:
    if kind == _FAILED:
        raise content
    if kind == _UNEXPECTED:
        raise RuntimeError(f"in a child process:\n{content}")


# --- in the child


class _Relay(logging.Handler):
    """Sends log records to the parent, as plain values."""

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line

    def handle(self, record: logging.LogRecord) -> bool:
        """Send a record; without a lock, because there is one greenlet."""
        record.msg, record.args, record.exc_info = record.getMessage(), (), None
        fields = getattr(record, "fields", {})
        record.__dict__["fields"] = {name: _plain(value) for name, value in fields.items()}
        send(self._line, (_LOGGED, record))
        return True


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


def _serve(make: Callable[[], Any], ends: ChildEnds) -> NoReturn:
    status = 1
    try:
        leave_parent(ends)
        line = _forget_greenlets(ends.line)
        logging.getLogger().handlers[:] = [_Relay(line)]
        served, inbox = make(), Inbox(line)
        while (command := inbox.receive()) is not None:
            _answer(served, line, *command)
        served.close()
        status = 0
    except Exception:  # noqa: BLE001 - nothing may run on into the parent's code
        os.write(2, traceback.format_exc().encode("utf-8", "replace"))
    finally:
        os._exit(status)


def _forget_greenlets(line: socket.socket) -> socket.socket:
    """Stop the parent's greenlets in this process; return the socket for a loop of its own."""
    set_hub(Hub(default=False))  # to destroy the old one would switch to its main greenlet
    return socket.socket(fileno=os.dup(line.fileno()))


def _answer(
    served: Any, line: socket.socket, method: str, arguments: Sequence[Any], with_file: bool
) -> None:
    files = socket.recv_fds(line, 1, 1)[1] if with_file else []
    try:
        for item in getattr(served, method)(*files, *arguments) or ():
            send(line, (_ITEM, item))
    except (FthgError, OSError) as error:
        send(line, (_FAILED, error))
    except Exception:  # noqa: BLE001 - the parent reports it
        send(line, (_UNEXPECTED, traceback.format_exc()))
    else:
        send(line, (_DONE, None))
    finally:
        for file in files:
            os.close(file)
