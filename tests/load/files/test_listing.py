"""Many names are read and sorted so that others are never delayed for long."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import gevent
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.access import Throttle
from fthg.load.files import listing
from fthg.load.files.listing import (
    AtMost,
    TooManyError,
    discard,
    list_files,
    sorted_parts,
)
from fthg.load.files.passes import names
from fthg.load.files.source import Source
from fthg.threads import Threads


def nothing() -> None:
    """Go on."""


@given(st.lists(st.text(), max_size=50), st.integers(0, 2**32))
def test_sorted_parts_are_the_sorted_whole(keys: list[str], seed: int) -> None:
    many = [f"{key}{number}" for number in range(500) for key in keys]
    random.Random(seed).shuffle(many)
    left = list(many)
    assert [key for part in sorted_parts(left, nothing) for key in part] == sorted(many)
    assert not left


@pytest.mark.parametrize("form", ["{:07}", "{0}", "{0:b}", "{1}-{0:07}"])
def test_no_part_is_large_whatever_the_names(form: str) -> None:
    keys = [form.format(number, number % 3) for number in range(100_000)]
    assert max(map(len, sorted_parts(keys, nothing))) < 5 * listing._PIECE


def test_each_entry_is_a_step_and_each_name_that_is_freed(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.txt").touch()
    steps = list[None]()
    found = list_files(Source(str(tmp_path), match=("*7*",)), step=lambda: steps.append(None))
    assert found.names == ["17.txt", "27.txt", "37.txt", "47.txt", "7.txt"]
    assert len(steps) == 50
    steps.clear()
    discard(found, lambda: steps.append(None))
    assert (found.names, found.young, len(steps)) == ([], set(), 5)


def test_a_number_of_steps_is_an_upper_bound(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / str(number)).touch()
    source = Source(str(tmp_path), match=("1",))
    assert list_files(source, step=AtMost(3)).names == ["1"]
    with pytest.raises(TooManyError):
        list_files(source, step=AtMost(2))


def test_a_thread_rests_repeatedly() -> None:
    turns, throttle = 0, Throttle()

    def count_turns() -> None:
        nonlocal turns
        while True:
            gevent.sleep(0)
            turns += 1

    counting = gevent.spawn(count_turns)

    def work() -> int:
        for _ in range(100_000):
            throttle()
        return turns

    assert gevent.get_hub().threadpool.apply(work) > 10
    counting.kill()


def test_many_files_come_in_order_while_others_run(tmp_path: Path) -> None:
    count, turns = 20_000, 0
    for number in range(count):
        (tmp_path / f"{number * 7919 % count:05}").touch()
    expected = [f"{number:05}" for number in range(count)]
    source = Source(str(tmp_path))

    def count_turns() -> None:
        nonlocal turns
        while True:
            gevent.sleep(0.001)
            turns += 1

    counting = gevent.spawn(count_turns)
    threads = Threads(1)
    assert threads.run(partial(list_files, source, step=Throttle())).names == expected
    threads.close()
    counting.kill()
    assert turns > 10
    coming = names(source, lambda: 0)
    for _ in range(2):
        assert [next(coming) for _ in range(count)] == expected
