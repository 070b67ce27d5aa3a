from fractions import Fraction

import pytest

from fthg import units


@pytest.mark.parametrize(
    ("text", "per_second"),
    [
        ("5/s", Fraction(5)),
        ("5 / s", Fraction(5)),
        ("120/hour", Fraction(1, 30)),
        ("120/h", Fraction(1, 30)),
        ("120 files/hour", Fraction(1, 30)),
        ("120 files per hour", Fraction(1, 30)),
        ("7/hour", Fraction(7, 3600)),
        ("10/30s", Fraction(1, 3)),
        ("1 every 30s", Fraction(1, 30)),
        ("every 30s", Fraction(1, 30)),
        ("0.5/s", Fraction(1, 2)),
        ("86401/day", Fraction(86401, 86400)),
        ("max", units.MAX_RATE),
    ],
)
def test_a_rate_is_exact(text: str, per_second: Fraction) -> None:
    assert units.rate(text) == per_second


@pytest.mark.parametrize("text", ["", "5", "0/s", "-1/s", "5/0s", "fast", "5/fortnight", "5/s/s"])
def test_a_rate_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write it as 5/s"):
        units.rate(text)
