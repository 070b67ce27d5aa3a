from __future__ import annotations

from typing import Optional

import pytest

from fthg.report.comparison import show_change, show_value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12_345.0, "count", "12,345"),
        (1.0, "share", "100%"),
        (0.99999, "share", "99.99%"),  # only all is 100%
        (0.29, "share", "29%"),
        (0.0, "share", "0%"),
        (4.08, "time", "4.08s"),
        (2048.0, "size", "2.0 KiB"),
        (None, "count", "–"),
        (None, "time", "–"),
    ],
)
def test_a_figure_is_shown_in_its_unit(value: Optional[float], unit: str, text: str) -> None:
    assert show_value(value, unit) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (0.125, "+12.5%"),
        (-0.5, "−50%"),
        (1.0, "+100%"),
        (0.0, "±0%"),
        (0.0001, "+<0.1%"),
        (-0.0001, "−<0.1%"),
        (None, "–"),
    ],
)
def test_a_change_is_a_share_of_what_was_before(change: Optional[float], text: str) -> None:
    assert show_change(change) == text
