from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fthg import cli
from fthg.config.document import parse
from fthg.config.schema import check
from fthg.config.tree import Section
from fthg.errors import KINDS
from man.diagnostics import NEXT
from man.pages import command, configuration
from man.reference import SECTIONS, reference
from man.roff import escaped, filled
from tests.servers import need

OF_OTHERS = {"-connect", "-servername", "-ltn", "--now", "--show", "-n", "-p", "-R", "-u", "-f"}
"""Options of other programs that the pages show."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    need("argparse-manpage")
    directory = tmp_path_factory.mktemp("man")
    for name, text in (("fthg.1", command()), ("fthg.yaml.5", configuration())):
        (directory / name).write_text(text, encoding="utf-8")
    return {name: directory / name for name in ("fthg.1", "fthg.yaml.5")}


def shown(page: Path) -> str:
    """Return the page as mandoc shows it on a terminal of 80 columns, without overstrikes."""
    done = subprocess.run(
        [need("mandoc"), "-T", "utf8", "-O", "width=78", str(page)],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    return re.sub(".\b", "", done.stdout.decode("utf-8"))


@pytest.mark.parametrize("name", ["fthg.1", "fthg.yaml.5"])
def test_mandoc_has_no_complaint_about_a_page(name: str, pages: Mapping[str, Path]) -> None:
    done = subprocess.run(
        [need("mandoc"), "-T", "lint", str(pages[name])], stdout=subprocess.PIPE, check=False
    )
    assert done.stdout.decode() == ""
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["fthg.1", "fthg.yaml.5"])
def test_a_page_fits_a_terminal_of_80_columns(name: str, pages: Mapping[str, Path]) -> None:
    for line in shown(pages[name]).splitlines():
        assert len(line) <= 80, line


def test_the_page_documents_every_option(pages: Mapping[str, Path]) -> None:
    text = pages["fthg.1"].read_text(encoding="utf-8").replace("\\-", "-")
    for action in cli.build_parser()._actions:
        for option in action.option_strings:
            assert f"\\fB{option}\\fR" in text, option


@pytest.mark.parametrize("name", ["fthg.1", "fthg.yaml.5"])
def test_a_page_holds_no_option_that_does_not_exist(name: str, pages: Mapping[str, Path]) -> None:
    known = {option for action in cli.build_parser()._actions for option in action.option_strings}
    found = set(re.findall(r"(?<![\w~:/.-])--?[a-z][a-z-]*", shown(pages[name])))
    repeated = {option for option in found if re.fullmatch(r"-(vv|vvv|qq)", option)}
    assert found - known - repeated - OF_OTHERS <= set()


@pytest.mark.parametrize("section", SECTIONS)
def test_every_key_has_an_example_that_its_own_reader_reads(section: str, tmp_path: Path) -> None:
    schema, examples = SECTIONS[section]
    assert [str(key) for key in schema] == list(examples)
    for name in ("secret", "client.cnf"):
        (tmp_path / name).write_text("[client]\n")
    for marker, reader in schema.items():
        # Password and option files are made here; the example only names them.
        example = re.sub(
            r"/etc/fthg/keys/\S+\.(password|cnf)", "secret", examples[str(marker)].value
        )
        tree, problems = parse(str(tmp_path / "c.yaml"), f"{marker}: {example}\n")
        assert isinstance(tree, Section)
        data, more = check(tree, {marker: reader})
        assert (problems, more) == ([], []), marker
        assert str(marker) in data


@pytest.mark.parametrize(
    ("key", "kind"), [("algorithms", "mapping"), ("jump", "user@host, or mapping")]
)
def test_the_reference_says_what_a_key_of_several_takes(key: str, kind: str) -> None:
    assert rf"\fB{key}\fR (\fI{kind}\fR)" in "\n".join(reference("sftp"))


@pytest.mark.parametrize("section", SECTIONS)
def test_the_reference_has_every_key_with_its_default(section: str) -> None:
    text = "\n".join(reference(section))
    for marker in SECTIONS[section][0]:
        entry = re.search(rf"\\fB{marker}\\fR \((.*)\)\n", text)
        assert entry, marker
        default: Any = getattr(marker, "default", None)
        if callable(default) and isinstance(default(), str):
            assert f"default {escaped(default())}" in entry[1]


def test_every_error_kind_is_documented_with_its_next_step(pages: Mapping[str, Path]) -> None:
    assert list(NEXT) == list(KINDS)
    text = pages["fthg.1"].read_text(encoding="utf-8")
    for kind in KINDS:
        assert f".TP\n\\fB{kind}\\fR\n" in text


def test_the_page_documents_every_exit_status(pages: Mapping[str, Path]) -> None:
    text = pages["fthg.1"].read_text(encoding="utf-8")
    statuses = text.partition(".SH EXIT STATUS")[2].partition(".SH ")[0]
    assert re.findall(r"\.B (\d+)", statuses) == ["0", "1", "2", "3", "4", "5", "99", "130"]


@pytest.mark.parametrize("text", [".request", "'request", "a\\b", "--option"])
def test_text_that_looks_like_a_request_stays_text(text: str) -> None:
    line = escaped(text)
    assert not line.startswith((".", "'"))
    assert line.replace("\\&", "").replace("\\e", "\\").replace("\\-", "-") == text


def test_a_request_does_not_arise_where_a_line_is_broken() -> None:
    for line in filled("word " * 15 + ".SH and 'SH " * 20):
        assert not line.startswith((".", "'"))
        assert len(line) <= 80
