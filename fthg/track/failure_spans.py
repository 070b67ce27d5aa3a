"""Groups failures that are close together, so that 36 lines of one incident read as one."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import FailureSpan
from .ledger import Ledger
from .outcomes import Outcome, sql_list
from .tracked import SECOND

_LEAST_GAP = 60 * SECOND
_MOST_SPANS = 100


def span_gap(start: int, end: int) -> int:
    """Return the most time between two failures of one span: a hundredth of the period, or 1 min.

    So a period has at most a hundred spans.
    """
    return max(_LEAST_GAP, (end - start) // _MOST_SPANS)


def find_failure_spans(ledger: Ledger, gap: int) -> Iterator[FailureSpan]:
    """Yield the spans of failed and timed out transfers, in the order of time."""
    span = None
    for start, result, count in ledger.query(
        f"SELECT start, result, count(*) FROM transfer "  # noqa: S608
        f"WHERE result IN {sql_list(Outcome.FAILED, Outcome.TIMEOUT)} GROUP BY 1, 2 ORDER BY 1"
    ):
        failed = count if result == Outcome.FAILED else 0
        if span and start - span.end > gap:
            yield span
            span = None
        span = span or FailureSpan(start, start, 0, 0)
        span = FailureSpan(span.start, start, span.failed + failed, span.timeout + count - failed)
    if span:
        yield span
