"""Filter for repeated warnings: the first is logged, the rest is counted once a minute (pure)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from ..clock import SECOND
from .entry import LogEntry

_KEY_FIELDS = ("job", "kind", "detail", "start")
_CONCLUSIONS = ("outage ended", "outage has not ended")
"""Events that come after the counts of their job: those are of what has ended."""

_ONE_TRANSFER = ("uuid", "file")  # ignored within a detail: they differ from transfer to transfer
_LONGEST_DETAIL = 300


@dataclass
class _Group:
    first: LogEntry
    since: int  # when an entry of the group was last logged, nanoseconds
    more: int = 0


class RepeatFilter:
    """Passes on the first of equal warnings and the count of the others, once in each `window`.

    Warnings are equal if level, logger, event, job, kind, detail and start are: two standstills are
    not. At most `most` groups of them are remembered.
    """

    def __init__(self, window: int = 60 * SECOND, most: int = 500) -> None:
        self._window = window
        self._most = most
        self._groups: dict[Hashable, _Group] = {}

    def admit(self, entry: LogEntry, now: int) -> Iterator[LogEntry]:
        """Yield the entries to log now: this one if it is the first of its group, else none."""
        if entry.event in _CONCLUSIONS:
            yield from self._rest_of(entry.fields.get("job"), now)
        key = _key(entry)
        if group := self._groups.get(key):
            group.more += 1
            return
        if len(self._groups) >= self._most:
            yield from self._remove(next(iter(self._groups)), now)
        self._groups[key] = _Group(entry, now)
        yield entry

    def due(self, now: int) -> Iterator[LogEntry]:
        """Yield the count of each group whose window has ended."""
        over = [key for key, group in self._groups.items() if now - group.since >= self._window]
        for key in over:
            for count in self._remove(key, now):
                yield count
                self._groups[key] = _Group(count, now)

    def rest(self, now: int) -> Iterator[LogEntry]:
        """Yield all counts that are still pending, at the end."""
        for key in list(self._groups):
            yield from self._remove(key, now)

    def _rest_of(self, job: object, now: int) -> Iterator[LogEntry]:
        for key, group in list(self._groups.items()):
            if group.first.fields.get("job") == job and group.more:
                yield from self._remove(key, now)

    def _remove(self, key: Hashable, now: int) -> Iterator[LogEntry]:
        group = self._groups.pop(key)
        if group.more:
            yield _count(group, now)


def _count(group: _Group, now: int) -> LogEntry:
    first, passed = group.first, now - group.since
    return first._replace(
        utc=first.utc + passed,
        fields={name: first.fields[name] for name in _KEY_FIELDS if name in first.fields},
        traceback="",
        more=group.more,
        seconds=max(1, round(passed / SECOND)),
    )


def _key(entry: LogEntry) -> Hashable:
    job, kind, detail, start = (entry.fields.get(name) for name in _KEY_FIELDS)
    text = str(detail)[:_LONGEST_DETAIL]
    for name in _ONE_TRANSFER:
        value = entry.fields.get(name)
        if isinstance(value, str) and value:
            text = text.replace(value, "…")
    return (entry.level, entry.logger, entry.event, job, kind, text, start)
