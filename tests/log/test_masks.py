from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fthg.log.masks import Masks

SECRET = 'p@ss"w\\ö rd/+é'


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"sftp://u:{quote(SECRET, safe='')}@host/",
        quote(SECRET, safe="").lower(),
        quote(SECRET),
        f"password={quote_plus(SECRET)}&x=1",
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        repr({"password": SECRET}),
        repr(SECRET.encode()),
        html.escape(SECRET),
        html.escape(SECRET).replace("&quot;", "&#34;"),
        html.escape(SECRET).encode("ascii", "xmlcharrefreplace").decode(),
        json.dumps({"password": SECRET}).replace("/", "\\/"),
        quote(SECRET, safe="-_.!~*'()"),
    ],
)
def test_a_secret_is_masked_in_every_spelling(text: str) -> None:
    masked = Masks([SECRET])(text)
    assert "***" in masked
    assert "ss" not in masked.replace("password", "")


def percent(character: str) -> list[str]:
    codes = "".join(f"%{byte:02X}" for byte in character.encode())
    latin = [f"%{ord(character):02X}"] if ord(character) < 0x100 else []
    return [character, codes, codes.lower(), *latin]


def form(character: str) -> list[str]:
    return ["+", "%20"] if character == " " else [quote(character, safe="")]


def in_json(character: str) -> list[str]:
    units = character.encode("utf-16-be").hex()
    escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    short = [f"\\{character}"] if character in '/"' else []
    plain = [] if character in '"\\' else [character]
    return [*plain, *short, escaped, escaped.upper().replace("U", "u"), json.dumps(character)[1:-1]]


def in_html(character: str) -> list[str]:
    code = ord(character)
    named = html.escape(character)
    return [named, f"&#{code};", f"&#0{code};", f"&#x{code:x};", f"&#X{code:04X};"]


SPELLINGS = [percent, form, in_json, in_html]
NASTY = "/+&'\"<>! %$ aZ9é€😀\\="


@given(st.data(), st.text(NASTY, min_size=4, max_size=12), st.sampled_from(SPELLINGS))
def test_each_character_may_be_written_in_any_way(
    data: st.DataObject, secret: str, spelling: Callable[[str], list[str]]
) -> None:
    assume(len(secret.strip()) >= 4)
    spelled = "".join(data.draw(st.sampled_from(spelling(character))) for character in secret)
    masked = Masks([secret])(f"(|{spelled}|)")
    assert masked.replace("***", "").strip("(|) +%20\\u&#x;") == ""
    assert "***" in masked


@given(st.text(NASTY, min_size=8, max_size=12), st.sampled_from([in_json, in_html]))
def test_a_url_within_json_or_html_shows_no_secret(
    secret: str, around: Callable[[str], list[str]]
) -> None:
    assume(secret == secret.strip())
    text = "".join(around(character)[0] for character in quote(secret))
    assert Masks([secret])(f"(|{text}|)") == "(|***|)"


@given(st.text("abcdefgh0123:", max_size=9), st.text("xyz012", max_size=9))
def test_a_secret_is_masked_in_base64_wherever_it_begins(before: str, after: str) -> None:
    header = base64.b64encode(f"{before}Tr0ub4dor&3{after}".encode()).decode()
    masked = Masks(["Tr0ub4dor&3"])(f"Authorization: Basic {header}")
    assert "***" in masked
    assert header not in masked


@pytest.mark.parametrize(
    "text",
    [
        r"""p\u0026\u003cZq7pw\u003e/x'""",
        "p&amp;&lt;Zq7pw&gt;/x&#39;",
        "p&amp;&lt;Zq7pw&gt;/x&#x27;",
        base64.urlsafe_b64encode(b"u:p&<Zq7pw>/x'").decode(),
    ],
)
def test_an_answer_in_html_json_or_base64_of_a_url_shows_no_secret(text: str) -> None:
    masked = Masks(["p&<Zq7pw>/x'"])(f"401: {text}")
    assert "***" in masked
    assert "Zq7" not in masked
    assert text not in masked


@given(st.text(min_size=4), st.text(), st.text())
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    masked = Masks([secret])(before + secret + after)
    assert secret not in masked.replace("***", "\0") or secret.strip() in ("", "*" * len(secret))


@given(st.text(), st.lists(st.sampled_from(["", " ", "\n"])))
def test_empty_secrets_mask_nothing(text: str, secrets: list[str]) -> None:
    if not any(secret and secret in text for secret in secrets):
        assert Masks(secrets)(text) == text


def test_a_longer_secret_leaves_nothing_of_itself_when_a_shorter_one_is_part_of_it() -> None:
    assert Masks(["hunter", "hunter2hunter3"])("x hunter2hunter3 y") == "x *** y"


def test_a_very_short_secret_is_masked_as_a_word_only() -> None:
    assert Masks(["a"])("banana a=a") == "banana ***=***"


def test_a_secret_read_with_its_line_end_is_masked_without_it() -> None:
    assert Masks(["hunter2\n"])("password hunter2.") == "password ***."


@pytest.mark.parametrize("end", ["", "…", "'…"])
def test_an_excerpt_that_ends_within_a_secret_hides_its_first_part(end: str) -> None:
    masks = Masks(["Tr0ub4dor&3"])
    for length in range(4, 11):
        said = f"{'x' * 180} you sent {'Tr0ub4dor&3'[:length]}{end}"
        assert masks.excerpt(said) == f"{'x' * 180} you sent ***"
    for spelled in (
        "p%26%3CZq7p",
        "p%26%3CZq7p%",
        "p&amp;&lt;Zq7",
        "p&amp;&lt;Zq7p&g",
        "p\\u0026<Zq7pw\\u00",
    ):
        said = f"{'x' * 180} you sent {spelled}{end}"
        assert Masks(["p&<Zq7pw>"]).excerpt(said) == f"{'x' * 180} you sent ***"
    assert masks.excerpt("short, and not cut: Tr0ub") == "short, and not cut: Tr0ub"
    assert masks.excerpt('it says: "Tr0ub…"; it takes none') == 'it says: "***…"; it takes none'
