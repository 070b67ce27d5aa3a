"""The program's promises of safety, as its users see them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.certificates import Pair, make_ca, server_certificate
from tests.servers.faulty import Conversation, Faulty, faulty
from tests.servers.mariadb import PASSWORD, USER, mariadb
from tests.servers.nginx import Nginx, nginx

from .program import fthg, on_terminal, results

CAUTION = "may pose as the server"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_text("a")
    return tmp_path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    home = tmp_path_factory.mktemp("ca")
    return server_certificate(make_ca(home), home)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, site: Pair) -> Iterator[Nginx]:
    with nginx(tmp_path_factory.mktemp("tls"), site) as server:
        yield server


def ad_hoc(url: str, *words: str) -> list[str]:
    brief = ["--files", "files", "--rate", "20/s", "--duration", "1s", "--results", "r.jsonl"]
    return ["--url", url, "-X", "PUT", *brief, *words]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_certificates_are_verified_and_to_switch_it_off_is_reported_once(
    files: Path, web: Nginx, workers: str
) -> None:
    url = f"{web.url}/up/{{uuid}}"
    strict = fthg(*ad_hoc(url, "--workers", workers), cwd=files)
    assert {line["error"] for line in results(files / "r.jsonl")} == {"tls"}
    assert CAUTION not in strict.err
    (files / "r.jsonl").unlink()
    lax = fthg(*ad_hoc(url, "-k", "--workers", workers), cwd=files)
    assert {line["outcome"] for line in results(files / "r.jsonl")} == {"ok"}
    assert lax.err.count(CAUTION) == 1


# --- what a hostile server says


HOSTILE = b"\x1b]0;owned\x07\x1b[2J\x1b[31mno\r\x08\x7f\xc2\x9b5m\xe2\x80\xae"
"""A title, a cleared screen, colours, C1 controls and text that runs from right to left."""

FORGED = b"\nforged line" + b" of a body that is mostly text" * 10

DRIVING = ("\x1b]", "\x1b[2J", "\x1b[31m", "\x07", "\x08", "\x7f", "\x9b", "\u202e")


def hostile(client: Conversation) -> None:
    number = client.number
    while client.read_request():
        if number % 2:
            client.answer("500 " + HOSTILE.replace(b"\r", b"").decode(), HOSTILE + FORGED)
        else:
            client.send(HOSTILE)
            return


@pytest.fixture(scope="module")
def villain() -> Iterator[Faulty]:
    with faulty(hostile) as server:
        yield server


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_that_a_server_says_drives_a_terminal_or_forges_a_line(
    files: Path, villain: Faulty, form: str
) -> None:
    said = fthg(
        *ad_hoc(villain.url, "-vvv", "--log-file", "log", "--log-format", form, "--summary", "s"),
        cwd=files,
    )
    log = (files / "log").read_text()
    assert "500" in said.out + said.err
    assert "forged" in log
    for text in (
        said.out,
        said.err,
        log,
        (files / "r.jsonl").read_text(),
        (files / "s").read_text(),
    ):
        assert not [mark for mark in DRIVING if mark in text]
        assert not [line for line in text.splitlines() if line.startswith("forged")]


def test_nothing_that_a_server_says_drives_a_terminal_with_a_live_view(
    files: Path, villain: Faulty
) -> None:
    shown = on_terminal(*ad_hoc(villain.url, "-vv"), cwd=files).decode()
    assert "progress" in shown
    assert "forged" in shown
    assert not [
        mark for mark in ("owned\x07", "\x1b[2J", "\x08", "\x7f", "\x9b", "\u202e") if mark in shown
    ]


def test_no_file_name_forges_a_header_or_a_line(files: Path) -> None:
    (files / "files" / "a\r\nX-Evil: 1\r\n\r\nGET").write_text("b")
    (files / "files" / "\x1b[2J").write_text("c")

    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    with faulty(script) as server:
        url = f"{server.url}/{{filename}}?n={{filename}}"
        said = fthg(*ad_hoc(url, "-H", "X-Name: {filename}", "-vvv"), cwd=files)
    assert {line["error"] for line in results(files / "r.jsonl")} == {None, "name"}
    assert server.heard
    for request in server.heard:
        assert b"Evil" not in request
        assert request.startswith(b"PUT /a?n=a HTTP/1.1\r\n")
    assert "\x1b[2J" not in said.out + said.err
    assert "\nX-Evil" not in said.out + said.err


def test_a_redirect_to_another_server_takes_no_login_along(files: Path) -> None:
    def land(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    with faulty(land) as other:

        def lead(client: Conversation) -> None:
            while client.read_request():
                client.answer("307 Elsewhere", b"", f"Location: {other.url}/landed")

        with faulty(lead) as first:
            words = ["-u", "ann:hunter2", "-H", "Cookie: a=hunter2"]
            words += ["--set", "jobs.cli.follow_redirects=true"]
            done = fthg(*ad_hoc(f"{first.url}/up", *words), cwd=files)
    assert done.status == 0, done.err
    assert all(b"Authorization" in request for request in first.heard)
    assert other.heard
    for request in other.heard:
        assert request.endswith(b"\r\n\r\na")
        assert b"authorization" not in request.lower()
        assert b"cookie" not in request.lower()


# --- files that are read


def test_links_are_sent_only_if_they_stay_within_the_directory_or_are_asked_for(
    files: Path,
) -> None:
    (files / "outside").write_text("private")
    (files / "files" / "in").symlink_to("a")
    (files / "files" / "out").symlink_to(files / "outside")
    (files / "files" / "self").symlink_to("self")

    def script(client: Conversation) -> None:
        while client.read_request():
            client.answer()

    with faulty(script) as server:
        for words, sent in (
            ([], {"a", "in"}),
            (["--set", "jobs.cli.follow_links=true"], {"a", "in", "out"}),
        ):
            server.heard.clear()
            fthg(*ad_hoc(f"{server.url}/{{filename}}", *words), cwd=files)
            lines = results(files / "r.jsonl")
            assert {(line["file"], line["outcome"]) for line in lines} == {(f, "ok") for f in sent}
            bodies = {request.rpartition(b"\r\n\r\n")[2] for request in server.heard}
            assert bodies == ({b"a", b"private"} if "out" in sent else {b"a"})


# --- files that are written


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_whatever_is_written_is_readable_by_owner_and_group_at_most(
    files: Path, villain: Faulty, mask: int
) -> None:
    before = os.umask(mask)
    try:
        fthg(*ad_hoc(villain.url, "--log-file", "log", "--summary", "s"), cwd=files)
    finally:
        os.umask(before)
    for name in ("r.jsonl", "log", "s"):
        assert (files / name).stat().st_mode & 0o777 == 0o640 & ~mask, name


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of a server with both databases."""
    with mariadb() as server:
        for side in ("ingress", "egress"):
            server.schema(side)
        yield f"mysql://{USER}:{PASSWORD}@127.0.0.1:{server.port}"


def track(ingress: str, egress: str, *words: str) -> list[str]:
    sides = ["--set", f"track.ingress={ingress}", "--set", f"track.egress={egress}"]
    return ["--track", *sides, "--from", "now-1h", "--once", *words]


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_a_report_and_all_beside_it_are_readable_by_owner_and_group_at_most(
    tmp_path: Path, database: str, mask: int
) -> None:
    names = ["ledger", "log", "r.csv", "r.html", "s"]
    outputs = ["--ledger", "ledger", "--log-file", "log", "--csv", "r.csv", "-o", "r.html"]
    before = os.umask(mask)
    try:
        done = fthg(
            *track(f"{database}/ingress", f"{database}/egress", *outputs, "--summary", "s"),
            cwd=tmp_path,
        )
    finally:
        os.umask(before)
    assert done.status == 0, done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    for name in names:
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o640 & ~mask, name


def test_nothing_that_a_database_says_drives_a_terminal(tmp_path: Path, database: str) -> None:
    table = f"{database}/ingress?table=x%1B%5B2J%0Aforged"
    done = fthg(*track(table, f"{database}/egress", "--csv", "c", "-vv"), cwd=tmp_path)
    assert done.status == 4
    assert "x\\x1b[2J" in done.err
    assert "\x1b" not in done.err
    (line,) = [line for line in done.err.splitlines() if "1146" in line]
    assert "x\\x1b[2J\\nforged" in line


# --- what is unusable


def test_all_unusable_keys_are_reported_together(files: Path) -> None:
    (files / "jobs.yaml").write_text(
        "defaults: {files: files, rate: 1/s}\njobs:\n"
        "  web: {url: 'https://localhost/', cert: none.pem}\n"
        "  partner: {url: 'sftp://me@localhost/in', key: none}\n"
    )
    ended = fthg("-c", "jobs.yaml", "--check", cwd=files)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err.splitlines() == [
        "fthg: 2 errors; nothing was sent:",
        "  jobs.web: cert: none.pem: it cannot be read: No such file or directory",
        "  jobs.partner: key: none cannot be read: No such file or directory",
    ]
