"""Digests of content, computed once."""

from __future__ import annotations

import hashlib
import os

import gevent
import pytest

from fthg.content import BLOCK
from tests.fakes import Memory

DATA = os.urandom(20 * BLOCK + 17)


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
@pytest.mark.parametrize("size", [0, 1, BLOCK, len(DATA)])
def test_a_digest_is_that_of_all_bytes(algorithm: str, size: int) -> None:
    expected = hashlib.new(algorithm, DATA[:size]).digest()
    assert Memory(DATA[:size]).digest(algorithm) == expected


def test_many_who_want_a_digest_at_once_have_it_computed_once() -> None:
    read: list[bytes] = []
    content = Memory(DATA, read.append)
    wanting = [gevent.spawn(content.digest, "sha256") for _ in range(20)]
    gevent.joinall(wanting, raise_error=True)
    assert {each.value for each in wanting} == {hashlib.sha256(DATA).digest()}
    assert sum(map(len, read)) == len(DATA)
    content.digest("md5")
    assert sum(map(len, read)) == 2 * len(DATA)


def test_others_have_their_turns_while_a_digest_is_computed() -> None:
    content = Memory(bytes(256 * 1024 * 1024))
    turns = 0

    def count() -> None:
        nonlocal turns
        while True:
            gevent.sleep(0.001)
            turns += 1

    counting = gevent.spawn(count)
    content.digest("sha256")
    counting.kill()
    assert turns > 10


def test_whoever_computes_a_digest_can_be_killed_and_another_goes_on() -> None:
    content = Memory(DATA)
    first, second = (gevent.spawn(content.digest, "sha256") for _ in range(2))
    gevent.sleep(0)
    first.kill()
    assert second.get(timeout=10) == hashlib.sha256(DATA).digest()
