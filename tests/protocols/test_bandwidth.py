from __future__ import annotations

import pytest

from fthg.clock import SECOND
from fthg.protocols.bandwidth import Budget

KB = 1000


class Time:
    def __init__(self) -> None:
        self.now = 5 * SECOND

    def __call__(self) -> int:
        return self.now


def sent(budget: Budget, time: Time, seconds: int, late: int = 0) -> list[tuple[int, int]]:
    """Return what a transfer sends that is woken so late each time: (moment, bytes)."""
    blocks: list[tuple[int, int]] = []
    end = time.now + seconds * SECOND
    while time.now < end:
        if left := budget.left():
            time.now += left + late
        budget.take(budget.block)
        blocks.append((time.now, budget.block))
    return blocks


def within(blocks: list[tuple[int, int]], span: int) -> int:
    """Return the most bytes of any span of time."""
    return max(
        sum(size for then, size in blocks if moment <= then < moment + span) for moment, _ in blocks
    )


@pytest.mark.parametrize("rate", [1, KB, 20 * KB, 250 * KB, 5000 * KB, 10**9])
def test_a_block_is_worth_a_few_hundredths_of_a_second_within_limits(rate: int) -> None:
    block = Budget(rate, 256 * 1024, Time()).block
    assert 1024 <= block <= 256 * 1024
    if 40 * KB < rate < 8000 * KB:
        assert 0.02 < block / rate < 0.05


def test_the_first_block_is_due_at_once_and_each_further_one_after_its_time() -> None:
    time = Time()
    budget = Budget(20 * KB, 256 * 1024, time)
    assert budget.left() == 0
    budget.take(1024)
    assert budget.left() == SECOND * 1024 // (20 * KB)
    time.now += budget.left()
    assert budget.left() == 0


def test_it_holds_a_transfer_until_that_is_woken_however_late() -> None:
    time = Time()
    budget = Budget(20 * KB, 256 * 1024, time)
    assert (budget.left(), budget.holds) == (0, False)
    budget.take(1024)
    assert (budget.left() > 0, budget.holds) == (True, True)
    time.now += SECOND  # it is due, and the transfer does not know it so far
    assert budget.holds
    assert (budget.left(), budget.holds) == (0, False)


@pytest.mark.parametrize("rate", [20 * KB, 250 * KB, 5000 * KB])
@pytest.mark.parametrize("late", [0, SECOND // 1000, SECOND // 50])
def test_the_rate_is_kept_within_two_percent_however_late_it_is_woken(rate: int, late: int) -> None:
    time = Time()
    budget = Budget(rate, 256 * 1024, time)
    total = sum(size for _, size in sent(budget, time, 10, late))
    assert total == pytest.approx(10 * rate, rel=0.02)


@pytest.mark.parametrize("pause", [SECOND // 20, SECOND, 60 * SECOND])
def test_what_a_slow_server_did_not_take_is_not_sent_faster_afterwards(pause: int) -> None:
    time, rate = Time(), 250 * KB
    budget = Budget(rate, 256 * 1024, time)
    blocks = sent(budget, time, 2)
    time.now += pause
    blocks += sent(budget, time, 2)
    assert within(blocks, SECOND) <= 1.1 * rate + budget.block
