"""Secrets that come up in mid-run, and when they are forgotten."""

from __future__ import annotations

import gc

from fthg.log.learned import Learned
from fthg.log.masks import Masks


class Source:
    """Something that has secrets."""


def test_masks_that_were_made_before_know_it() -> None:
    learned, source = Learned(), Source()
    mask = Masks(["known-one"], learned)
    learned.add(source, "learned-one")
    learned.add(source, "ab")
    assert mask("known-one, learned-one; ab, about") == "***, ***; ***, about"


def test_the_latest_of_each_source_are_known() -> None:
    learned, busy, quiet = Learned(), Source(), Source()
    mask = Masks([], learned)
    learned.add(quiet, "quiet-one")
    for number in range(200):
        learned.add(busy, f"busy-{number:04}-x")
    assert mask("busy-0199-x busy-0151-x quiet-one") == "*** *** ***"
    assert mask("busy-0100-x") == "busy-0100-x"
    assert len(learned.forms) < 1000


def test_what_two_sources_share_is_known_as_long_as_one_is_there() -> None:
    learned, one, other = Learned(), Source(), Source()
    mask = Masks([], learned)
    for source in (one, one, other):
        learned.add(source, "shared-one")
    del one, source
    learned.add(other, "more-one")
    gc.collect()
    assert mask("shared-one") == "***"
    del other
    gc.collect()
    assert mask("shared-one") == "shared-one"
    assert len(learned.forms) == 0
