from __future__ import annotations

import re
import socket
from datetime import datetime, timezone
from itertools import islice
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fthg.load.uuids import uuids
from fthg.placeholders import BEFORE_FILE, FROM_CONTENT, FROM_FILE, PLACEHOLDERS, Template
from fthg.transfer import Transfer
from tests.fakes import Memory

_UUIDS = list(islice(uuids(), 1000))
UTC = 1_795_503_662_123_000_000


def transfer(name: str = "sub/a b.tar.gz", utc: int = UTC) -> Transfer:
    content = Memory(b"abc")
    path = f"/data/{name}"
    return Transfer("orders", 7, "4b9a0d2e-7a0b", path, name, 42, utc, content=content)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{uuid}", "4b9a0d2e-7a0b"),
        ("{filename}", "a b.tar.gz"),
        ("{stem}", "a b.tar"),
        ("{suffix}", ".gz"),
        ("{path}", "sub/a b.tar.gz"),
        ("{size}", "42"),
        ("{job}", "orders"),
        ("{seq}", "7"),
        ("{timestamp}", "2026-11-24T07:01:02.123Z"),
        ("{epoch}", "1795503662"),
        ("{epoch_ms}", "1795503662123"),
        ("{hostname}", socket.gethostname()),
        ("{random}{random}", "1dc8d147" * 2),
        ("{sha256}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("{sha256_base64}", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ("{md5}", "900150983cd24fb0d6963f7d28e17f72"),
        ("{md5_base64}", "kAFQmDzST7DWlj99KOF/cg=="),
        ("plain", "plain"),
        ("", ""),
        ("{{uuid}}", "{uuid}"),
        ("{{{uuid}}}", "{4b9a0d2e-7a0b}"),
        ("in/{seq}-{filename}.part", "in/7-a b.tar.gz.part"),
    ],
)
def test_a_placeholder_becomes_its_value(text: str, rendered: str) -> None:
    assert Template(text).render(transfer()) == rendered


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{uid}", r"unknown placeholder \{uid\}; there are \{uuid\}, \{filename\}"),
        ("{}", r"unknown placeholder \{\}"),
        ('{"a": 1}', "write a literal brace twice"),
        ("a { b", r"a single '\{'; write '\{\{'"),
        ("{uuid}}", r"a single '\}'; write '\}\}'"),
        ("{{uuid}", r"a single '\}'"),
        # Nothing of what str.format would do: no attributes, items, conversions, formats.
        ("{uuid.__class__}", "unknown placeholder"),
        ("{uuid.__class__.__mro__[1]}", "unknown placeholder"),
        ("{filename[0]}", "unknown placeholder"),
        ("{filename!r}", "unknown placeholder"),
        ("{size:>9999999999}", "unknown placeholder"),
        ("{size:{size}}", "a single '{'"),
        ("{0}", "unknown placeholder"),
        ("{uuid()}", "unknown placeholder"),
        ("{ uuid }", "unknown placeholder"),
        ("{\N{LATIN SMALL LETTER U}uid\0}", "unknown placeholder"),
    ],
)
def test_an_invalid_template_is_rejected_by_the_constructor(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Template(text)


@given(st.text())
def test_any_text_survives_with_its_braces_doubled(text: str) -> None:
    template = Template(text.replace("{", "{{").replace("}", "}}"))
    assert template.constant
    assert template.render(transfer()) == text


@given(st.text(st.characters()))
def test_a_value_is_never_read_for_placeholders_again(name: str) -> None:
    assert Template("{path}").render(transfer(name)) == name


def test_values_are_encoded_and_literal_text_is_not() -> None:
    made = Template("/a b/{filename}").render(transfer(), quote)
    assert made == "/a b/a%20b.tar.gz"


def test_only_a_template_without_names_is_constant() -> None:
    assert Template("{{x}}").constant
    assert not Template("{seq}").constant
    assert Template("{seq}{uuid}{seq}").names == {"seq", "uuid"}


def test_random_digits_are_those_of_one_transfer() -> None:
    shown = {Template("{random}").render(transfer()._replace(uuid=each)) for each in _UUIDS}
    assert len(shown) == len(_UUIDS)
    assert all(re.fullmatch("[0-9a-f]{8}", each) for each in shown)


def test_a_template_knows_the_placeholders_that_it_may_have() -> None:
    assert Template("{seq}", BEFORE_FILE).names == {"seq"}
    with pytest.raises(
        ValueError, match=r"\{size\} is not known here; there are \{uuid\}, \{job\}"
    ):
        Template("{size}", BEFORE_FILE)


def test_what_comes_from_the_content_is_listed() -> None:
    first = transfer()
    second = first._replace(size=43, content=Memory(b"other"))
    differ = {name for name, value in PLACEHOLDERS.items() if value(first) != value(second)}
    assert differ == FROM_CONTENT


def test_placeholders_that_come_from_the_file_name_are_listed() -> None:
    first, second = transfer("one.a"), transfer("dir/two.b")
    differ = {name for name, value in PLACEHOLDERS.items() if value(first) != value(second)}
    assert differ == FROM_FILE


@given(st.integers(0, 4_000_000_000_000_000_000))
def test_all_times_of_one_transfer_agree(utc: int) -> None:
    made = Template("{timestamp} {epoch} {epoch_ms}").render(transfer(utc=utc))
    timestamp, epoch, epoch_ms = made.split()
    moment = datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert (since.days * 86_400 + since.seconds) == int(epoch)
    assert int(epoch_ms) == int(epoch) * 1000 + since.microseconds // 1000


@given(st.text(st.sampled_from("{}!:.[]0_ ()") | st.characters(), max_size=40))
def test_any_text_is_rejected_or_rendered_with_nothing_but_placeholders_replaced(text: str) -> None:
    try:
        template = Template(text)
    except ValueError:
        return
    assert template.names <= PLACEHOLDERS.keys()
    pieces = re.split(r"(\{\{|\}\}|\{\w+\})", text)
    known = {f"{{{name}}}": value(transfer()) for name, value in PLACEHOLDERS.items()}
    spelled = [{"{{": "{", "}}": "}", **known}.get(piece, piece) for piece in pieces]
    assert template.render(transfer()) == "".join(spelled)


@pytest.mark.parametrize("name", ["{uuid}", "{uuid.__class__}", "{{", "%(uuid)s", "${HOME}", "\\1"])
def test_a_file_that_is_named_like_a_placeholder_keeps_its_name(name: str) -> None:
    assert Template("a{filename}b").render(transfer(name)) == f"a{name}b"
