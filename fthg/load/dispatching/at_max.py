"""The closed model at the rate `max`: nothing is due, and no sender waits."""

from __future__ import annotations

from gevent.event import Event

from ...clock import SECOND, let_others_run
from ...protocols.backoff import Backoff
from .lane import Lane, Period, waking

_PAUSE = SECOND // 20
_INSTANT = SECOND // 20_000
"""A transfer that took longer has waited for the network, and so has let others run."""

_ANSWERED = frozenset({None, "status", "permission", "no_path", "remote", "size"})
"""Success, and kinds of failure that the server reports itself: the next file follows at once."""


class AtMax:
    """Senders that take the next file as soon as they are free."""

    def __init__(self, lane: Lane, period: Period) -> None:
        self._lane = lane
        self._period = period
        self._ended = Event()

    def overdue(self, moment: int) -> bool:  # noqa: ARG002 - nothing is due
        """Return False: nothing is dropped."""
        return False

    def dispatch(self) -> None:
        """Return at the end of the period, or after the last file was taken."""
        self._lane.clock.sleep_until(self._period.start)
        transfers, end = self._lane.transfers, self._period.end
        try:
            with waking(self._lane, end):
                while transfers.wait_for_room(end) and not self._lane.turns.over:
                    transfers.take(self._take_turns)
        finally:
            self._ended.set()

    def _take_turns(self) -> None:
        """Run one sender: return at the end, without files, or when there are too many."""
        _, clock, transfers, turns, _ = self._lane
        backoff = Backoff(_PAUSE, free=1)  # one failure alone says nothing
        while not (self._ended.is_set() or transfers.are_too_many):
            turn = turns.take()
            if turn is None:
                return
            now = clock.now()
            if self._ended.is_set() or self._period.is_over(now):
                turns.give_back(turn)
                return
            if transfers.send(turns.arrival(turn, now)).error in _ANSWERED:
                backoff.succeeded()
                if clock.now() - now < _INSTANT:
                    let_others_run()  # answers may come at once
            else:
                backoff.failed(clock.now())
                clock.wait(self._ended, backoff.until)
