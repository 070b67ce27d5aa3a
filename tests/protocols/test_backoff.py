from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fthg.clock import SECOND
from fthg.protocols.backoff import MOST, Backoff

FIRST = SECOND // 10


def waits(backoff: Backoff, failures: int) -> list[float]:
    """Return the seconds after each of so many failures in a row, each as soon as allowed."""
    found, now = [], 1000 * SECOND
    for _ in range(failures):
        backoff.failed(now)
        found.append(max(0, backoff.until - now) / SECOND)
        now = max(now, backoff.until)
    return found


def test_the_wait_doubles_up_to_a_second() -> None:
    assert waits(Backoff(FIRST), 7) == [0.1, 0.2, 0.4, 0.8, 1, 1, 1]


def test_the_first_failure_may_be_free() -> None:
    assert waits(Backoff(FIRST, free=1), 4) == [0, 0.1, 0.2, 0.4]


def test_a_success_ends_the_wait_and_makes_the_next_one_short_again() -> None:
    backoff = Backoff(FIRST, free=1)
    waits(backoff, 9)
    backoff.succeeded()
    assert backoff.until == 0
    assert waits(backoff, 3) == [0, 0.1, 0.2]


@given(st.integers(0, 100_000), st.integers(0, 3))
def test_no_number_of_failures_makes_the_wait_longer(failures: int, free: int) -> None:
    backoff = Backoff(FIRST, free)
    for _ in range(min(failures, 2000)):
        backoff.failed(0)
        assert backoff.until <= MOST
