"""The far side: files move on from the ingress folder to the egress folder, or get lost."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

import gevent
from gevent.pool import Group

from .dice import Dice, Spread
from .passage import Counts, Passage, Witnesses

_STATUS = {None: "SUCCESS", "failed": "FAILED", "timeout": "TIMEOUT"}


class Egress:
    """Moves each file on after a processing delay; half of it passes before egress begins."""

    def __init__(
        self,
        directory: str,
        processing: Spread,
        fates: Mapping[str, float],
        dice: Dice,
        witnesses: Witnesses,
        counts: Counts,
        *,
        discard: bool = False,
    ) -> None:
        """Deliver into `directory`; `fates` are the shares of `failed`, `timeout` and `lost`."""
        self._directory = directory
        self._processing = processing
        self._fates = fates
        self._dice = dice
        self._witnesses = witnesses
        self._counts = counts
        self._discard = discard
        self._under_way = Group()

    def take(self, passage: Passage, path: str, name: str) -> None:
        """Care for the file at `path` from now on; it becomes `name` in the egress folder."""
        self._under_way.spawn(self._process, passage, path, name)

    def stop(self) -> None:
        """Leave the files that are still being processed where they are."""
        self._under_way.kill()

    def _process(self, passage: Passage, path: str, name: str) -> None:
        half = self._dice.between(self._processing) / 2
        fate = self._dice.which(self._fates)
        gevent.sleep(half)
        if fate == "lost":
            self._counts.lost += 1
            self._remove(path)
            return
        self._witnesses.enters_egress(passage)
        gevent.sleep(half)
        self._move(path, name, delivered=fate is None)
        self._witnesses.leaves_egress(passage, _STATUS[fate])

    def _move(self, path: str, name: str, *, delivered: bool) -> None:
        if self._discard or not delivered:
            self._remove(path)
            return
        target = os.path.join(self._directory, name)
        # A later file of the same name may have overtaken this one: then it is already there.
        with contextlib.suppress(FileNotFoundError):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(path, target)

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
