"""Failures close together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.track.failure_spans import span_gap
from fthg.track.figures import FailureSpan

from .ledgers import DAY, HOUR, MINUTE, SECOND, START, figures, pair


def test_an_incident_is_one_span() -> None:
    start = 9 * HOUR + 36 * MINUTE
    status = ["FAILED", "TIMEOUT", "FAILED"]
    pairs = [pair(n, start + n * 9 * SECOND, SECOND, status[n % 3]) for n in range(36)]
    pairs += [pair(n, n * MINUTE, SECOND) for n in range(100, 200)]
    pairs += [pair(300, 20 * HOUR, SECOND, "TIMEOUT")]

    assert figures(pairs).failure_spans == (
        FailureSpan(START + start, START + start + 35 * 9 * SECOND, 24, 12),
        FailureSpan(START + 20 * HOUR, START + 20 * HOUR, 0, 1),
    )


def test_no_failures_no_spans() -> None:
    assert figures([pair(1, 0, SECOND)]).failure_spans == ()


def test_two_failures_are_apart_if_more_than_the_gap_lies_between_their_starts() -> None:
    gap = span_gap(START, START + DAY)
    assert gap == DAY // 100

    for apart, spans in ((gap, 1), (gap + 1, 2)):
        pairs = [pair(n, n * apart, SECOND, "FAILED") for n in range(2)]
        assert len(figures(pairs).failure_spans) == spans


def test_the_gap_is_a_minute_at_least() -> None:
    assert span_gap(START, START + MINUTE) == MINUTE


def test_the_gap_is_that_of_the_time_that_has_passed() -> None:
    pairs = [pair(n, n * 2 * MINUTE, SECOND, "FAILED") for n in range(2)]

    assert len(figures(pairs, now=HOUR).failure_spans) == 2
    assert len(figures(pairs).failure_spans) == 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, 8 * 7 * DAY - 1), st.sampled_from(["FAILED", "TIMEOUT", "SUCCESS", "?"])
        ),
        max_size=300,
    )
)
def test_each_failure_is_in_one_span_and_there_are_at_most_a_hundred(
    made: list[tuple[int, str]],
) -> None:
    found = figures(
        [pair(n, start, SECOND, status) for n, (start, status) in enumerate(made)], end=8 * 7 * DAY
    )

    spans = found.failure_spans
    assert sum(span.failed for span in spans) == found.counts.failed
    assert sum(span.timeout for span in spans) == found.counts.timeout
    assert len(spans) <= 100
    gap = span_gap(found.start, found.end)
    assert all(later.start - earlier.end > gap for earlier, later in zip(spans, spans[1:]))
    for span in spans:
        inside = [s for s, status in made if span.start <= START + s <= span.end]
        assert len(inside) >= span.failed + span.timeout
