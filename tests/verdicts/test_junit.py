from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from fthg.verdicts.junit import Case, junit
from tests.servers.junit_schema import complaints


def _read(document: str) -> Xml.Element:
    root = Xml.fromstring(document.encode())
    assert root.tag == "testsuites"
    (suite,) = root
    return suite


def test_each_check_is_a_test_case() -> None:
    cases = [
        Case("night", "pass_rate >= 99%", "found 98.20%", False),
        Case("night", "unpaired == 0", "found 0", True),
    ]
    suite = _read(junit("fthg", cases, 1.5))
    counts = {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "time")}
    assert counts == {
        "name": "fthg", "tests": "2", "failures": "1", "errors": "0", "time": "1.500",
    }  # fmt: skip
    failed, passed = suite
    assert (failed.get("classname"), failed.get("name")) == ("night", "pass_rate >= 99%")
    assert [found.get("message") for found in failed.findall("failure")] == ["found 98.20%"]
    assert not passed.findall("failure")
    assert passed.findtext("system-out") == "found 0"


@pytest.mark.parametrize(
    "text",
    [
        '<&>"\'', "]]>", "a\nb\tc", "\x00\x01\x1b[31m", "\ufffe\uffff", "\udcff", "\u202e", "é🎉",
        "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;",
    ],
)  # fmt: skip
def test_any_text_makes_valid_xml(text: str) -> None:
    suite = _read(junit(text, [Case(text, text, text, False), Case(text, text, text, True)]))
    names = [case.get("name") for case in suite]
    assert names[0] == names[1] == suite.get("name")
    if text.isprintable():
        assert names[0] == text


def test_no_case_at_all_is_valid_too() -> None:
    assert _read(junit("fthg", [])).get("tests") == "0"


def test_the_public_schema_accepts_every_kind_of_document_and_nothing_else() -> None:
    texts = ["ok > 5", "<&>\"'", "a\nb", "\x00\x1b[31m\ufffe", "\u202e", "é🎉"]
    cases = [Case(text, text, text, ok) for text in texts for ok in (True, False)]
    documents = [junit("fthg r1", cases, 604_800.0), junit("fthg r1", cases), junit("fthg", [], 0)]
    assert [complaints(document) for document in documents] == ["", "", ""]
    assert "'seconds' is not allowed" in complaints(documents[0].replace(" time=", " seconds="))
