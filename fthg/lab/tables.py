"""The rows of the ingress and the egress table, with the oddities of real ones."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from .dice import Dice
from .passage import Observer, Passage
from .writer import Writer

_START = "INSERT INTO transfers (UUID, filename, startTime) VALUES (%s, %s, %s)"
_END = "UPDATE transfers SET endTime = %s, status = %s WHERE UUID = %s AND endTime IS NULL"
_WHOLE = (
    "INSERT INTO transfers (UUID, filename, startTime, endTime, status) VALUES (%s, %s, %s, %s, %s)"
)
_EPOCH = datetime(1970, 1, 1)
_SKEW = timedelta(hours=1)


class Oddities(NamedTuple):
    """The shares of irregular rows, from 0 to 1."""

    dice: Dice
    duplicates: float
    strangers: float
    skewed: float


class IngressTable(Observer):
    """Writes the ingress side: a row when a file starts to arrive, its end when it has arrived."""

    def __init__(self, writer: Writer, oddities: Oddities) -> None:
        self._writer = writer
        self._oddities = oddities

    def enters_ingress(self, passage: Passage, utc: int) -> None:
        """Insert the row; sometimes a second one, a millisecond later."""
        _insert(self._writer, passage, _datetime(utc))
        if self._oddities.dice.happens(self._oddities.duplicates):
            _insert(self._writer, passage, _datetime(utc) + timedelta(milliseconds=1))

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:
        """Write the end of the row."""
        self._writer.write(_END, _datetime(utc), status, passage.uuid)


class EgressTable(Observer):
    """Writes the egress side in the same way, and rows of files that never came through ingress."""

    def __init__(self, writer: Writer, oddities: Oddities) -> None:
        self._writer = writer
        self._oddities = oddities
        self._skewed: set[str] = set()  # UUIDs in progress, by a clock that is slow

    def enters_egress(self, passage: Passage, utc: int) -> None:
        """Insert the row; sometimes a second one, or that of a stranger."""
        dice, duplicates, strangers, skewed = self._oddities
        if dice.happens(skewed):
            self._skewed.add(passage.uuid)
        _insert(self._writer, passage, self._time(passage, utc))
        if dice.happens(duplicates):
            _insert(self._writer, passage, self._time(passage, utc) + timedelta(milliseconds=1))
        if dice.happens(strangers):
            now, stranger = _datetime(utc), str(uuid.uuid4())
            self._writer.write(_WHOLE, stranger, f"stranger-{stranger[:8]}", now, now, "SUCCESS")

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:
        """Write the end of the row."""
        self._writer.write(_END, self._time(passage, utc), status, passage.uuid)
        self._skewed.discard(passage.uuid)

    def _time(self, passage: Passage, utc: int) -> datetime:
        return _datetime(utc) - (_SKEW if passage.uuid in self._skewed else timedelta(0))


def _insert(writer: Writer, passage: Passage, when: datetime) -> None:
    writer.write(_START, passage.uuid, _storable(passage.filename), when)


def _datetime(utc: int) -> datetime:
    return _EPOCH + timedelta(microseconds=utc // 1000)


def _storable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:1024]
