"""The state of the kernel's clock, judged on values."""

from __future__ import annotations

from contextlib import suppress

import pytest

from fthg.kernel_clock import ClockState, clock_state, judge


@pytest.mark.parametrize("error", [0.0, 0.004, 0.1])
def test_a_clock_that_is_kept_right_is_no_warning(error: float) -> None:
    assert judge(ClockState(synchronised=True, error=error)) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ClockState(synchronised=False, error=0.0), "is not synchronised"),
        (ClockState(synchronised=True, error=0.101), "may be wrong by 0.101 s"),
    ],
)
def test_another_one_is_a_warning_that_names_what_tells_more(state: ClockState, words: str) -> None:
    warning = judge(state)
    assert warning is not None
    assert words in warning
    assert "chronyc tracking" in warning


def test_the_kernel_is_asked_without_any_right_and_may_refuse() -> None:
    with suppress(OSError):
        assert clock_state().error >= 0
