from __future__ import annotations

import pytest

from fthg.load.stats.metrics import VOCABULARY
from fthg.verdicts.baseline import Change
from fthg.verdicts.rows import change_rows, verdict_rows
from fthg.verdicts.thresholds import judge, parse


def test_thresholds_stand_in_columns_with_what_was_found() -> None:
    limits = [parse(text, VOCABULARY) for text in ("failed < 1%", "ok > 5")]
    rows = verdict_rows(judge(limits, {"failed": 3, "scheduled": 100, "ok": 7}))
    assert [row.plain for row in rows] == ["", "    ✗ failed < 1%  3.00%", "    ✓ ok > 5       7"]
    assert not list(verdict_rows([]))


@pytest.mark.parametrize(
    ("change", "shown", "style"),
    [
        (Change("failed", "count", 1000, 1500, True), ["1,000", "1,500", "+50.0%"], "red"),
        (Change("failed", "count", 4, 3, False), ["4", "3", "-25.0%"], "green"),
        (Change("failed", "count", 0, 3, True), ["0", "3", "new"], "red"),
        (Change("failed", "count", 0, 0), ["0", "0", "–"], "cyan"),
        (Change("failed", "count", None, 3), ["–", "3", "–"], "cyan"),
        (Change("pass_rate", "share", 0.99999, 1.0), ["99.99%", "100.00%", "0.00", "pp"], "cyan"),
        (Change("transit p95", "time", 0.25, 90, True), ["250ms", "1m", "30s", "+35900.0%"], "red"),
        (Change("rate", "rate", 10, 9), ["10/s", "9/s", "-10.0%"], "cyan"),
        (Change("bytes", "size", 1024, 512), ["1.0", "KiB", "512", "B", "-50.0%"], "cyan"),
    ],
)
def test_a_figure_is_shown_before_and_now(change: Change, shown: list[str], style: str) -> None:
    *_, row = change_rows([change])
    assert row.plain.partition(":")[2].split() == shown
    assert row.spans[-1].style == style


@pytest.mark.parametrize("now", [29.9999, 30.0001])
def test_a_change_too_small_to_be_seen_has_neither_sign_nor_judgement(now: float) -> None:
    *_, line = change_rows([Change("achieved_rate", "rate", 30.0, now, worse=now < 30)])
    assert line.plain.endswith(" 0.0%")
    assert not {"red", "green"} & {str(span.style) for span in line.spans}
