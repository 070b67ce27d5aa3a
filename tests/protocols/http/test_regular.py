from __future__ import annotations

import re
import time
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fthg.protocols.http.regular import Regular

EXPRESSIONS = [
    "", "a", "accepted", "^a", "a$", r"\Aa", r"a\Z", "^$", "(?m)^b$", "(?m)a$", r"\bab\b", r"a\Bb",
    "a*", "a+b", "a?b", "a{2,3}", "(ab|b)*a$", "(a|b)+?c", "(?i)ÄB", "(?i:a)b", "(?-i:a)b", "[^ab]",
    "[a-c]{2}", r"\d+", r"\D\s\w", r"(?a)\w$", ".", "(?s).$", "a.b", "(?x) a # comment\n b", "a||b",
    "(a*)*$", "(a+)+$", "((a?)(b?)){2}c", "(?P<n>a)b", r"\$\{", "(|a)+b", "^a|b$", r"(\b|a)b", "ß",
    r"(?a)\ba", "a{0}b", "(?:){3}a", "[[:a:]]",
]  # fmt: skip

PIECES = [
    "a", "b", r"\b", "$", "^", "(", ")", "|", "*", "+", "?", ".", "[ab]", "{2}",
    r"\Z", r"\w", "(?:",
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.sampled_from(EXPRESSIONS), st.text("abcÄäß_1 \n\r", min_size=1))
def test_it_finds_what_python_finds(expression: str, text: str) -> None:
    assert Regular(expression).found_in(text) == bool(re.search(expression, text))


@given(st.lists(st.sampled_from(PIECES)), st.text("ab\n", min_size=1))
def test_it_agrees_with_python_on_what_is_an_expression_and_what_it_finds(
    pieces: list[str], text: str
) -> None:
    expression = "".join(pieces)
    assume(not re.search(r"[*+?}]\+", expression))  # a possessive repeat, or an error, by version
    try:
        found = bool(re.search(expression, text))
    except re.error:
        with pytest.raises(ValueError, match="not a regular expression"):
            Regular(expression)
        return
    assert Regular(expression).found_in(text) == found


@pytest.mark.parametrize("expression", ["", "a*", "^$", r"\A\Z", "a", "."])
def test_an_empty_text_is_searched_as_well(expression: str) -> None:
    assert Regular(expression).found_in("") == bool(re.search(expression, ""))


@pytest.mark.parametrize("expression", ["^{}x", "^1{}x", "^{}$"])
def test_within_a_group_its_own_alphabet_counts(expression: str) -> None:
    # Not at the very beginning: there Python itself takes the alphabet of the whole expression.
    for group in (r"(?a:\w)", r"(?a:\W)", r"(?a:ä\b)", r"(?a:ä\B)"):
        narrow = expression.format(group)
        wide = "(?a)" + narrow.replace("?a", "?u")
        for one, text in product((narrow, wide), ("äx", "1äx", "ä", "ax", "1ax")):
            assert Regular(one).found_in(text) == bool(re.search(one, text))


@pytest.mark.parametrize(
    "expression", [r"(a)\1", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(a)?(?(1)b|c)"]
)
def test_what_would_need_more_than_linear_time_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="proportional to the text"):
        Regular(expression)


@pytest.mark.parametrize("expression", ["(", "*a", "[a", "a{3,2}", "(?P<n", "\\"])
def test_an_error_says_what_is_wrong_and_where(expression: str) -> None:
    with pytest.raises(ValueError, match=r"is not a regular expression: .+ at position [0-9]"):
        Regular(expression)


@pytest.mark.parametrize(
    "expression",
    ["a{2000}", "(a{100}){100}", "(?:(?:(?:){9999}){9999}){9999}", "(" * 5000 + ")" * 5000,
     "a{0,99999}", "a{99999999999999999999}"],
)  # fmt: skip
def test_an_expression_that_is_too_large_is_refused_at_once(expression: str) -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"more than 1000|too large"):
        Regular(expression)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("(a+)+$", "a" * 65535 + "!"),
        ("(a|aa)+$", "a" * 65535 + "!"),
        ("a.*b", "a" * 65536),
        ("accepted.*id", "accepted " * 7281),
        (r"\s+$", " " * 65535 + "!"),
        ("(.*)*x(.*)*y", "x" * 65536),
        (r"(a|b)*a(a|b){12}c", "abbabaab" * 8192),
    ],
)
def test_no_text_makes_a_search_slow_or_keeps_others_from_their_turns(
    expression: str, text: str
) -> None:
    turns: list[float] = []
    began = time.monotonic()
    assert not Regular(expression).found_in(text, lambda: turns.append(time.monotonic()))
    assert time.monotonic() - began < 20
    assert max(b - a for a, b in zip(turns, turns[1:])) < 1


def test_what_is_remembered_of_strange_texts_has_a_limit() -> None:
    expression = Regular(".x")
    for begin in range(0x10000, 0x30000, 0x8000):
        assert not expression.found_in("".join(map(chr, range(begin, begin + 0x8000))))
    assert len(expression._start.steps) < 50_000
    assert sum(len(point.steps) for point in expression._points.values()) < 50_000
    assert expression.found_in("一x")
