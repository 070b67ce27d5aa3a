from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fthg.report import labels
from fthg.report.labels import (
    BESIDE_AXIS,
    CHARACTER,
    MARGIN,
    WIDTHS,
    Tick,
    clear,
    extent,
    fit_labels,
)

LABELS = st.text("0123456789:. Nov", min_size=1, max_size=9)
PLACES = st.integers(0, 10_000).map(lambda part: part / 10_000)
TICKS = st.lists(
    st.builds(Tick, PLACES, LABELS, st.booleans()), max_size=20, unique_by=lambda t: t.at
).map(lambda ticks: sorted(ticks, key=lambda tick: tick.at))


def at_width(ticks: list[Tick], level: int) -> list[Tick]:
    return [tick for tick in ticks if tick.label and tick.level <= level]


@given(ticks=TICKS, left=st.sampled_from([MARGIN, BESIDE_AXIS]))
def test_at_no_width_do_labels_overlap_or_leave_the_chart(ticks: list[Tick], left: int) -> None:
    fitted = fit_labels(ticks, left)
    assert [tick.at for tick in fitted] == [tick.at for tick in ticks]
    for level, width in enumerate(WIDTHS):
        visible = at_width(fitted, level)
        assert clear(visible, width)
        assert bool(visible) == bool(ticks)
        for start, end in (extent(tick, width) for tick in visible):
            assert start >= -left - 1e-6
            assert end <= width + MARGIN + 1e-6


@given(ticks=TICKS, wider=st.integers(0, 1000))
def test_labels_are_apart_between_the_widths_too(ticks: list[Tick], wider: int) -> None:
    fitted = fit_labels(ticks)
    for level, width in enumerate(WIDTHS):
        assert clear(at_width(fitted, level), width + wider)


def test_equal_steps_show_every_second_label_where_not_all_have_room() -> None:
    ticks = fit_labels([Tick((n + 0.5) / 8, f"{n:02d}:00") for n in range(8)])
    assert [tick.label for tick in at_width(ticks, 0)] == ["00:00", "04:00"]
    assert [tick.label for tick in at_width(ticks, 2)] == ["00:00", "02:00", "04:00", "06:00"]
    assert len(at_width(ticks, 3)) == 8


def test_the_start_of_a_day_is_shown_rather_than_an_hour() -> None:
    ticks = [Tick(n / 8, f"{n:02d}:00", strong=n == 3) for n in range(8)]
    for level in range(len(WIDTHS)):
        assert "03:00" in [tick.label for tick in at_width(fit_labels(ticks), level)]


def test_labels_at_the_ends_turn_inwards() -> None:
    ticks = fit_labels([Tick(0, "16:00"), Tick(0.5, "16:30"), Tick(1, "17:00")])
    assert [tick.anchor for tick in ticks] == ["middle", "middle", "end"]
    assert [tick.anchor for tick in fit_labels(ticks, MARGIN)] == ["start", "middle", "end"]
    assert extent(ticks[2], 500) == (500 - 5 * CHARACTER, 500)


def test_the_style_hides_each_label_where_it_has_no_room() -> None:
    style = "".join(path.read_text("utf-8") for path in Path(labels.__file__).parent.glob("*.css"))
    for level, width in enumerate(WIDTHS[1:], 1):
        assert f"@container (max-width: {width - 0.1}px) {{ .from-{level} " in style
