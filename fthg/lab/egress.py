"""Egress: files move from the ingress folder to the egress folder, or get lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

from gevent.pool import Group

from ..clock import Clock
from .dice import Dice, Spread
from .passage import Counts, Observers, Passage
from .waiting import pause

_STATUS = {None: "SUCCESS", "failed": "FAILED", "timeout": "TIMEOUT"}


class Egress:
    """Moves each file after a processing delay; half of it passes before egress starts."""

    def __init__(
        self,
        directory: str,
        clock: Clock,
        processing: Spread,
        shares: Mapping[str, float],
        dice: Dice,
        observers: Observers,
        counts: Counts,
        *,
        discard: bool = False,
    ) -> None:
        """Deliver into `directory`; `shares` are those of `failed`, `timeout` and `lost`."""
        self._directory = directory
        self._clock = clock
        self._processing = processing
        self._shares = shares
        self._dice = dice
        self._observers = observers
        self._counts = counts
        self._discard = discard
        self._under_way = Group()

    def take(self, passage: Passage, path: str, name: str) -> None:
        """Process the file at `path`, which becomes `name` in the egress folder."""
        self._under_way.spawn(self._process, passage, path, name)

    def stop(self) -> None:
        """Stop processing; files that are not finished stay in the ingress folder."""
        self._under_way.kill()

    def _process(self, passage: Passage, path: str, name: str) -> None:
        half = self._dice.between(self._processing) / 2
        fault = self._dice.which(self._shares)
        pause(self._clock, half)
        if fault == "lost":
            self._counts.lost += 1
            self._remove(path)
            return
        self._observers.enters_egress(passage)
        pause(self._clock, half)
        self._move(path, name, delivered=fault is None)
        self._observers.leaves_egress(passage, _STATUS[fault])

    def _move(self, path: str, name: str, *, delivered: bool) -> None:
        if self._discard or not delivered:
            self._remove(path)
            return
        target = os.path.join(self._directory, name)
        # A later file of the same name may have been faster: then it is already there.
        with contextlib.suppress(FileNotFoundError):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(path, target)

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
