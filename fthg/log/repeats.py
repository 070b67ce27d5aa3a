"""Equal warnings become one line, and once a minute how many more there were (pure)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from ..clock import SECOND
from .entry import Told

_KEY_FIELDS = ("job", "kind", "detail")
_ONE_TRANSFER = ("uuid", "file")  # a detail may name the transfer: its neighbours' are equal to it
_LONGEST_DETAIL = 300


@dataclass
class _Group:
    first: Told
    since: int  # when it was last told, nanoseconds
    more: int = 0


class Fold:
    """Remembers which warnings were told lately: at most `most` kinds of them."""

    def __init__(self, window: int = 60 * SECOND, most: int = 500) -> None:
        self._window = window
        self._most = most
        self._groups: dict[Hashable, _Group] = {}

    def admit(self, told: Told, now: int) -> Iterator[Told]:
        """Yield what is to be told of it: itself if it is the first of its kind, else nothing."""
        key = _key(told)
        if group := self._groups.get(key):
            group.more += 1
            return
        if len(self._groups) >= self._most:
            yield from self._forget(next(iter(self._groups)), now)
        self._groups[key] = _Group(told, now)
        yield told

    def due(self, now: int) -> Iterator[Told]:
        """Yield how many more there were of each kind whose minute is over."""
        over = [key for key, group in self._groups.items() if now - group.since >= self._window]
        for key in over:
            for folded in self._forget(key, now):
                yield folded
                self._groups[key] = _Group(folded, now)

    def rest(self, now: int) -> Iterator[Told]:
        """Yield all that was not told yet, at the end."""
        for key in list(self._groups):
            yield from self._forget(key, now)

    def _forget(self, key: Hashable, now: int) -> Iterator[Told]:
        group = self._groups.pop(key)
        if group.more:
            yield _folded(group, now)


def _folded(group: _Group, now: int) -> Told:
    first, passed = group.first, (now - group.since) / SECOND
    return first._replace(
        created=first.created + passed,
        fields={name: first.fields[name] for name in _KEY_FIELDS if name in first.fields},
        traceback="",
        more=group.more,
        seconds=max(1, round(passed)),
    )


def _key(told: Told) -> Hashable:
    job, kind, detail = (told.fields.get(name) for name in _KEY_FIELDS)
    text = str(detail)[:_LONGEST_DETAIL]
    for name in _ONE_TRANSFER:
        value = told.fields.get(name)
        if isinstance(value, str) and value:
            text = text.replace(value, "…")
    return (told.level, told.logger, told.event, job, kind, text)
