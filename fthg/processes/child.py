"""Child processes: forks them, sends them commands, and ends them."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any, NamedTuple, NoReturn, Optional

from .. import native
from ..clock import SECOND, Clock
from .messages import Inbox, pack
from .parent_death import die_with

_LOOK = SECOND // 50
_EXIT = 2 * SECOND // 5  # from the last answer, or the end of the line, to the end of the process


class ChildEnds(NamedTuple):
    """The child's side: the pid of its parent, and the sockets between them."""

    parent: int  # its pid
    line: socket.socket  # commands come, answers go
    errors: socket.socket  # to be standard error
    inherited: Sequence[socket.socket]  # the parent's own, which must be closed here


Work = Callable[[ChildEnds], NoReturn]
"""The work of a child, which ends its process and never returns."""


class Child(NamedTuple):
    """A child process, as its parent sees it."""

    pid: int
    line: socket.socket  # answers come, commands go
    inbox: Inbox  # of the line
    errors: socket.socket  # its standard error

    def command(self, name: str) -> None:
        """Send a command without blocking: a child that is gone, or stopped, misses it."""
        with suppress(OSError):
            os.write(self.line.fileno(), pack(name))  # not sendall: it waits for room

    def kill(self) -> None:
        """End its process at once; what it has reported is read, and then its line ends."""
        with suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):  # one that waits for a disk lives on, and its end stays open
            self.line.shutdown(socket.SHUT_RD)

    def reap(self, clock: Clock) -> Optional[int]:
        """Return the wait status of its process, which is killed if it does not end by itself.

        None if it cannot be ended because a disk holds it up.
        """
        status = self._reap(clock)
        if status is None:
            self.kill()
            status = self._reap(clock)
        return status

    def _reap(self, clock: Clock) -> Optional[int]:
        until = clock.now() + _EXIT
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid or clock.now() >= until:
                return status if pid else None
            clock.sleep_until(clock.now() + _LOOK)

    def close(self) -> None:
        """Close the parent's ends of the sockets."""
        self.line.close()
        self.errors.close()


def fork_child(
    work: Work, others: Sequence[Child] = (), fork: Callable[[], int] = os.fork
) -> Child:
    """Fork a child that closes its copies of `others`; OSError if it cannot be started."""
    with ExitStack() as opened:
        ours, theirs = map(opened.enter_context, socket.socketpair())
        our_errors, their_errors = map(opened.enter_context, socket.socketpair())
        parent = os.getpid()
        pid = fork()
        if pid == 0:
            inherited = [each for other in others for each in (other.line, other.errors)]
            work(ChildEnds(parent, theirs, their_errors, [ours, our_errors, *inherited]))
        opened.pop_all()
    theirs.close()
    their_errors.close()
    return Child(pid, ours, Inbox(ours), our_errors)


def leave_parent(ends: ChildEnds) -> None:
    """Close everything of the parent's except `ends`; call it first in a child."""
    die_with(ends.parent)
    for each in ends.inherited:
        each.close()
    os.dup2(ends.errors.fileno(), 2)
    # The terminal and systemd signal all processes: one stop must count once.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)


def end_children(children: Sequence[Child], clock: Clock) -> None:
    """Kill the children at once."""
    for child in children:
        child.kill()
    for child in children:
        child.reap(clock)


def drain_children(children: Mapping[int, Child], seconds: float) -> Iterator[tuple[int, Any]]:
    """Yield what children report until all have ended, or for so long, without the loop.

    It blocks, and any thread may call it.
    """
    limit = time.monotonic() + seconds
    while True:
        waiting = time.monotonic() < limit and any(map(_is_running, children.values()))
        for index, child in children.items():
            for report in child.inbox.arrived():
                yield index, report
        if not waiting:
            return
        native.sleep(_LOOK / SECOND)


def _is_running(child: Child) -> bool:
    try:
        return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def show_status(status: Optional[int]) -> str:
    """Return a wait status for people; None: the process is still there."""
    if status is None:
        return "its process does not end"
    if not os.WIFSIGNALED(status):
        return f"it ended with status {os.WEXITSTATUS(status)}"
    number = os.WTERMSIG(status)
    named = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
    return f"it was ended by {named}"
