from __future__ import annotations

import pytest

from fthg.lab.dice import Dice, share, spread

SHARES = {"refuse": 0.2, "hang": 0.05}


def test_the_same_seed_gives_the_same_sequence_and_another_seed_does_not() -> None:
    def throws(seed: int) -> list[object]:
        dice = Dice(seed)
        return [(dice.which(SHARES), dice.happens(0.5), dice.between((0, 1))) for _ in range(100)]

    assert throws(7) == throws(7)
    assert throws(7) != throws(8)


def test_each_fault_comes_in_its_share() -> None:
    dice = Dice(3)
    faults = [dice.which(SHARES) for _ in range(20_000)]
    assert faults.count("refuse") == pytest.approx(4000, rel=0.1)
    assert faults.count("hang") == pytest.approx(1000, rel=0.15)
    assert faults.count(None) == 20_000 - faults.count("refuse") - faults.count("hang")


def test_no_share_never_happens_and_a_whole_one_always_does() -> None:
    dice = Dice(3)
    assert not any(dice.happens(0) for _ in range(1000))
    assert all(dice.happens(1) for _ in range(1000))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50ms", (0.05, 0.05)), ("10ms..2s", (0.01, 2.0)), ("0", (0.0, 0.0)), ("0..1s", (0.0, 1.0))],
)
def test_a_time_is_one_or_a_spread(text: str, seconds: tuple[float, float]) -> None:
    assert spread(text) == seconds


@pytest.mark.parametrize("text", ["", "fast", "2s..1s", "1s..", "-1s"])
def test_a_malformed_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        spread(text)


@pytest.mark.parametrize(("text", "found"), [("1%", 0.01), ("0.25", 0.25), ("100%", 1), ("0", 0)])
def test_a_share_is_read_as_percentage_or_fraction(text: str, found: float) -> None:
    assert share(text) == found


@pytest.mark.parametrize("text", ["", "101%", "-1%", "2", "half", "1%%", "nan"])
def test_a_malformed_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write it as 1% or 0\.01"):
        share(text)
