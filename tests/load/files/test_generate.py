"""Files that are made and not read."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
import voluptuous as vol
from hypothesis import given
from hypothesis import strategies as st

from fthg.content import BLOCK, SMALL
from fthg.load.files.generate import FILES, Generate, derived_seed
from fthg.placeholders import Template
from fthg.transfer import Transfer

KINDS = st.booleans()
SEEDS = st.integers(0, 1 << 64)
SEQS = st.integers(0, 1 << 40)


def generate(size: int, text: bool, seed: int = 7) -> Generate:
    return Generate(size, size, Template("{seq}.dat"), text, seed)


def made(how: Generate, seq: int = 0, job: str = "j") -> Transfer:
    return how.transfer(job, seq, f"uuid-{seq}", 0)


def whole(transfer: Transfer, most: int = BLOCK) -> bytes:
    assert transfer.content is not None
    return b"".join(transfer.content.blocks(most))


def read(given: Any) -> Generate:
    result = FILES({"generate": given})
    assert isinstance(result, Generate)
    return result


def fault(given: Any) -> str:
    with pytest.raises(vol.Invalid) as caught:
        FILES(given)
    return str(caught.value)


def test_it_is_read_from_the_configuration() -> None:
    how = read({"size": "10KiB to 5MiB", "name": "order-{seq}.dat", "content": "text", "seed": 7})
    assert (how.least, how.most, how.name.text, how.text, how.seed) == (
        10 * 1024, 5 * 1024 * 1024, "order-{seq}.dat", True, 7,
    )  # fmt: skip
    assert str(how) == "generated, 10.0 KiB to 5.0 MiB, text"


def test_only_the_size_must_be_given() -> None:
    how = read({"size": "512"})
    assert (how.least, how.most, how.name.text, how.text, how.seed) == (
        512, 512, "{seq}.dat", False, None,
    )  # fmt: skip
    assert str(how) == "generated, 512 B, random"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"generate": {}}, "required key"),
        ({"generate": {"size": "2KiB to 1KiB"}}, "the first size is the least"),
        ({"generate": {"size": "1KiB to"}}, "write it as 64KiB, or 10KiB to 5MiB"),
        ({"generate": {"size": "large"}}, "is not a size"),
        ({"generate": {"size": "1", "name": "{filename}"}}, "{filename} is not known here"),
        ({"generate": {"size": "1", "name": "{sha256}"}}, "{sha256} is not known here"),
        ({"generate": {"size": "1", "name": "a/{seq}"}}, "no directory can stand in it"),
        ({"generate": {"size": "1", "name": ".."}}, "is no name of a file"),
        ({"generate": {"size": "1", "content": "zero"}}, "not one of random, text"),
        ({"generate": {"size": "1", "seed": "-1"}}, "too small"),
        ({"make": {"size": "1"}}, "extra keys not allowed"),
    ],
)
def test_what_cannot_be_is_refused(given: Any, reason: str) -> None:
    assert reason in fault(given)


@given(KINDS, SEEDS, SEQS, st.integers(0, 3 * SMALL))
def test_the_same_seed_and_arrival_make_the_same_bytes_whatever_the_job(
    text: bool, seed: int, seq: int, size: int
) -> None:
    how = generate(size, text, seed)
    first, second = made(how, seq), made(how, seq, job="other")
    assert len(whole(first)) == first.size == size
    assert whole(first) == whole(second, most=10_007)


@given(KINDS, st.integers(0, 5 * BLOCK), st.integers(1, 2 * BLOCK))
def test_any_block_is_a_slice_of_the_whole(text: bool, offset: int, most: int) -> None:
    content = made(generate(5 * BLOCK + 3, text)).content
    assert content is not None
    block = content.read(offset, most)
    assert block == WHOLE[text][offset : offset + len(block)]
    assert 0 < len(block) <= most


WHOLE = {text: whole(made(generate(5 * BLOCK + 3, text)), most=4099) for text in (False, True)}


@given(SEEDS, SEQS, st.integers(0, 1 << 40), st.integers(0, 1 << 40))
def test_sizes_are_within_their_bounds(seed: int, seq: int, one: int, other: int) -> None:
    least, most = sorted((one, other))
    assert least <= made(Generate(least, most, Template("x"), False, seed), seq).size <= most


def test_sizes_are_drawn_evenly() -> None:
    how = Generate(0, 9, Template("x"), False, 7)
    drawn = [made(how, seq).size for seq in range(5000)]
    assert all(400 < drawn.count(size) < 600 for size in range(10))


@pytest.mark.parametrize("text", [False, True])
def test_no_two_arrivals_and_no_two_seeds_have_the_same_content(text: bool) -> None:
    contents = [whole(made(generate(32, text, seed), seq)) for seed in (1, 2) for seq in range(999)]
    assert len(set(contents)) == len(contents)


def test_random_bytes_cannot_be_compressed_and_text_can() -> None:
    assert len(zlib.compress(WHOLE[False])) > len(WHOLE[False])
    for size in (10 * 1024, len(WHOLE[True])):
        assert len(zlib.compress(WHOLE[True][:size])) * 5 < size


def test_text_is_lines_of_printable_characters() -> None:
    lines = WHOLE[True].decode("ascii").splitlines()
    assert len(lines) > 1000
    assert all(line.isprintable() and len(line) < 80 for line in lines)


def test_a_file_of_five_gibibytes_takes_no_time_and_no_memory() -> None:
    content = made(generate(5 << 30, text=False)).content
    assert content is not None
    assert content.small is None
    assert len(content.read((5 << 30) - 10)) == 10


def test_names_are_rendered_for_each_transfer() -> None:
    how = Generate(1, 1, Template("{job}-{seq}-{uuid}.x"), False, 7)
    assert made(how, 3).name == "j-3-uuid-3.x"


def test_the_seed_of_a_job_that_names_none_comes_from_run_and_job() -> None:
    assert derived_seed("r", "j") == derived_seed("r", "j")
    assert len({derived_seed(run, job) for run in "ab" for job in "ab"}) == 4
