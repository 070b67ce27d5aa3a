from __future__ import annotations

import gevent

from fthg.clock import SECOND
from fthg.load.outputs.prometheus.page import Page
from tests.fakes import FakeClock


class Maker:
    """Makes texts that are counted, each in some seconds."""

    def __init__(self, clock: FakeClock, seconds: float = 0.0) -> None:
        self.clock = clock
        self.seconds = seconds
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        text = f"text {self.made}"
        gevent.sleep(0)  # others may ask meanwhile
        self.clock.pass_by(round(self.seconds * SECOND))
        return text


def test_a_text_stands_for_a_second() -> None:
    clock = FakeClock()
    page = Page(Maker(clock), clock)
    assert [page.read(), page.read()] == [b"text 1", b"text 1"]
    clock.pass_by(SECOND)
    assert page.read() == b"text 2"


def test_a_text_that_takes_long_to_make_stands_for_longer_but_not_for_a_whole_scrape() -> None:
    for seconds, stands in ((0.5, 5), (3.0, 10)):
        clock = FakeClock()
        page = Page(Maker(clock, seconds), clock)
        page.read()
        clock.pass_by(stands * SECOND - 1)
        assert page.read() == b"text 1"
        clock.pass_by(1)
        assert page.read() == b"text 2"


def test_all_that_ask_while_it_is_made_get_the_same() -> None:
    clock = FakeClock()
    maker = Maker(clock)
    page = Page(maker, clock)
    asking = [gevent.spawn(page.read) for _ in range(5)]
    gevent.joinall(asking, raise_error=True)
    assert {one.value for one in asking} == {b"text 1"}
    assert maker.made == 1


def test_a_name_that_is_no_unicode_does_no_harm() -> None:
    clock = FakeClock()
    assert Page(lambda: "job \udcff", clock).read() == b"job ?"
