"""The results files of load mode, which say what was sent, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..errors import StartError
from ..results.read import Skipped, read_results
from ..results.reread import unreadable
from .tracked import SECOND

SKEW = 30 * SECOND
"""The largest clock difference of sender and ingress at which file name and time join them."""


def span(paths: Iterable[str]) -> tuple[int, int]:
    """Return the earliest start and the latest end of the transfers in results files.

    Microseconds since 1970. Raises StartError if there is none, or if a file cannot be read.
    """
    first, last = None, 0
    for start, end in _times(paths):
        first = start if first is None else min(first, start)
        last = max(last, end)
    if first is None:
        raise StartError(f"no transfer was sent in {', '.join(paths)}: give --from")
    return first // 1000, -(-last // 1000)


def _times(paths: Iterable[str]) -> Iterator[tuple[int, int]]:
    for path in paths:
        try:
            with open(path, "rb") as file:
                for _, result, _ in read_results(file, Skipped()):
                    if result.start is not None:
                        yield result.start, result.end or result.start
        except OSError as error:
            raise unreadable(path, error) from None
