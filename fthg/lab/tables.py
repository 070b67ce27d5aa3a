"""What the ingress and the egress table say of a file, and the oddities that real ones have."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from .dice import Dice
from .passage import Passage, Witness
from .writer import Writer

_INSERT = "INSERT INTO transfers (UUID, filename, startTime) VALUES (%s, %s, %s)"
_END = "UPDATE transfers SET endTime = %s, status = %s WHERE UUID = %s AND endTime IS NULL"
_WHOLE = (
    "INSERT INTO transfers (UUID, filename, startTime, endTime, status) VALUES (%s, %s, %s, %s, %s)"
)
_EPOCH = datetime(1970, 1, 1)
_SKEW = timedelta(hours=1)


class Oddities(NamedTuple):
    """How often tables are not as they should be: shares from 0 to 1."""

    dice: Dice
    duplicates: float
    strangers: float
    skewed: float


class IngressTable(Witness):
    """Writes the ingress side: a row when a file begins to arrive, its end when it has."""

    def __init__(self, writer: Writer, oddities: Oddities) -> None:
        self._writer = writer
        self._oddities = oddities

    def enters_ingress(self, passage: Passage, utc: int) -> None:
        """Insert the row; at times a second one, a moment later."""
        _begin(self._writer, passage, _moment(utc))
        if self._oddities.dice.happens(self._oddities.duplicates):
            _begin(self._writer, passage, _moment(utc) + timedelta(milliseconds=1))

    def leaves_ingress(self, passage: Passage, utc: int, status: str) -> None:
        """Give the row its end."""
        self._writer.write(_END, _moment(utc), status, passage.uuid)


class EgressTable(Witness):
    """Writes the egress side in the same way, and what never came through ingress."""

    def __init__(self, writer: Writer, oddities: Oddities) -> None:
        self._writer = writer
        self._oddities = oddities
        self._skewed: set[str] = set()  # under way, by a clock that is behind

    def enters_egress(self, passage: Passage, utc: int) -> None:
        """Insert the row; at times a second one, or a stranger beside it."""
        dice, duplicates, strangers, skewed = self._oddities
        if dice.happens(skewed):
            self._skewed.add(passage.uuid)
        _begin(self._writer, passage, self._moment(passage, utc))
        if dice.happens(duplicates):
            _begin(self._writer, passage, self._moment(passage, utc) + timedelta(milliseconds=1))
        if dice.happens(strangers):
            now, stranger = _moment(utc), str(uuid.uuid4())
            self._writer.write(_WHOLE, stranger, f"stranger-{stranger[:8]}", now, now, "SUCCESS")

    def leaves_egress(self, passage: Passage, utc: int, status: str) -> None:
        """Give the row its end."""
        self._writer.write(_END, self._moment(passage, utc), status, passage.uuid)
        self._skewed.discard(passage.uuid)

    def _moment(self, passage: Passage, utc: int) -> datetime:
        return _moment(utc) - (_SKEW if passage.uuid in self._skewed else timedelta(0))


def _begin(writer: Writer, passage: Passage, when: datetime) -> None:
    writer.write(_INSERT, passage.uuid, _storable(passage.filename), when)


def _moment(utc: int) -> datetime:
    return _EPOCH + timedelta(microseconds=utc // 1000)


def _storable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")[:1024]
