"""The live view of tracking, without databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta, timezone

import gevent
import pytest

from fthg.track.figures import Figures, State
from fthg.track.ledger import Ledger
from fthg.track.live import Live
from fthg.track.measure import measure
from fthg.track.plan import TrackPlan
from fthg.track.side import Side
from tests.screen import Screen, screen

from .world import END, GRACE, SECOND, START, JumpingClock

ZONE = timezone(timedelta(hours=2))


def _figures(now: int) -> Figures:
    side = Side("ingress", "h", "u", "d")
    with closing(Ledger(START, END, GRACE)) as ledger:
        ledger.pair(now)
        plan = TrackPlan(side, Side("egress", "h", "u", "d"), START, END)
        return measure(plan, ledger, now, State.RUNNING)


class Still(JumpingClock):
    """A clock that stands: a view is drawn once."""

    def sleep_until(self, deadline: int) -> None:  # noqa: ARG002
        gevent.sleep(60)


def _lines(shown: Screen) -> list[str]:
    """Return what is shown without colours and cursor movements."""
    return re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", shown.text).split("\n")


def _live(shown: Screen, *, quiet: bool = False) -> Live:
    return Live(shown.terminal, Still(START + 61 * SECOND), quiet, 60.0, ZONE)


def test_it_names_the_sides_that_are_being_read() -> None:
    with screen(is_tty=True) as shown, _live(shown) as live:
        live.start_poll()
        for side in ("ingress", "egress"):
            live.start_side(side)
        live.add_rows("egress", 120_000)
        live.add_rows("ingress", 7)
        live.end_side("ingress")
        gevent.sleep(0.01)
        lines = [" ".join(line.split()) for line in _lines(shown)]
    assert "found at ingress 7" in lines
    assert "reading egress 120,000" in lines
    assert not any("reading ingress" in line for line in lines)


def test_it_says_since_when_nothing_has_changed_in_the_zone_of_the_report() -> None:
    with screen(is_tty=True) as shown, _live(shown) as live:
        live.end_poll(_figures(START + SECOND), changed=False)
        live.announce_poll(START + 68 * SECOND)
        gevent.sleep(0.01)
        lines = [" ".join(line.split()) for line in _lines(shown)]
    assert "no change since 02:00:01" in lines
    assert any(line.startswith("next poll in 7s") for line in lines)


@pytest.mark.parametrize("width", [30, 80])
def test_it_shows_what_cannot_be_written_within_the_width(width: int) -> None:
    error = "/srv/reports/all.csv cannot be written: No space left on device"
    with screen(is_tty=True) as shown:
        shown.terminal.size = (width, 25)
        with _live(shown) as live:
            live.end_poll(_figures(START + SECOND))
            live.show_step("writing /srv/reports/all.csv, /srv/reports/report.html")
            live.show_errors([error])
            gevent.sleep(0.01)
            lines = _lines(shown)
    assert max(map(len, lines)) <= width
    assert any(line.startswith("unpaired ") for line in lines)
    assert any(line.startswith("writing /srv/reports") for line in lines)
    assert error.replace(" ", "") in "".join(lines).replace(" ", "")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda live: live.announce_poll(END), "stopping after one more poll"),
        (lambda live: live.show_step("writing r.html"), "stopping after this poll: writing r.html"),
        (lambda live: live.start_poll(), "stopping after this poll: connecting"),
    ],
)
def test_a_stop_says_what_it_waits_for(act: Callable[[Live], None], said: str) -> None:
    with screen() as shown:
        live = _live(shown)
        act(live)
        live.announce_stop()
        assert shown.lines[-1] == f"{said}; again to stop at once"


def test_a_quiet_one_says_nothing() -> None:
    with screen() as shown, _live(shown, quiet=True) as live:
        live.end_poll(_figures(START))
        live.announce_stop()
        live.announce_abandoned()
        assert shown.text == ""
