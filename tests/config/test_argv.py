from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fthg.cli import parse
from fthg.config.argv import mask_words, masked_options
from fthg.program import SECTIONS
from tests.e2e.program import end, start
from tests.servers import free_port

URL = ["--url", "https://h/up", "--files", "d", "--rate", "1/s"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["-u", "ann:pa:ss"], "ann:*****"),
        (["-u", "ann:pä"], "ann:***"),
        (["-H", "X-Api-Key: k3y"], "X-Api-Key:****"),
        (["-x", "http://u:pw12@proxy:3128"], "http://u:****@proxy:3128"),
        (["--proxy=socks5://u:pw12@proxy"], "socks5://u:****@proxy"),
        (["-H", "X-Url: https://u:pw12@h/?token=abcd"], "X-Url: https://u:****@h/?token=****"),
        (["--set", "jobs.cli.auth.bearer=abc"], "jobs.cli.auth.bearer=***"),
        (["--set", "jobs.cli.passphrase=[abc"], "jobs.cli.passphrase=****"),
        (["--set", "jobs.cli.password={a: Zq7}"], "jobs.cli.password=********"),
        (["--set", r'jobs.a.url="http://u:Zq7\x41@h/"'], "jobs.a.url=*********************"),
        (["--set", "jobs.cli.pasword=abc"], "jobs.cli.pasword=***"),
        (["--set", "jobs.cli..password=abc"], "jobs.cli..password=***"),
        (["--set", "jobs.cli={password: abc}"], "jobs.cli=***************"),
        (["--set", "jobs.cli.proxy=http://u:pw12@h"], "jobs.cli.proxy=http://u:****@h"),
        (["--syslog", "udp://u:pw12@h"], "udp://u:****@h"),
    ],
)
def test_a_value_keeps_its_length_and_loses_its_secret(words: list[str], shown: str) -> None:
    args = parse([*URL, *words])
    assert [text for _, text in masked_options(args, SECTIONS)] == [shown]


def test_what_holds_no_secret_is_left_alone() -> None:
    args = parse([*URL, "-u", "ann", "-H", "X-File: {filename}", "--set", "run.duration=5s"])
    assert not list(masked_options(args, SECTIONS))


def test_only_the_words_that_hold_a_secret_are_changed() -> None:
    line = b"fthg\0-u\0ann:a\0--set\0a=b\0-uann:a\0"
    assert mask_words(line, [("ann:a", "ann:*")]) == b"fthg\0-u\0ann:*\0--set\0a=b\0-uann:*\0"


def test_no_process_shows_a_secret_to_those_who_look_with_ps(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a").write_text("a")
    url = f"http://127.0.0.1:{free_port()}/up?token=hunter2"
    process = start(
        "--url", url, "--files", "d", "--rate", "5/s", "-u", "ann:hunter2", "--workers", "2",
        "-H", "X-Api-Key: hunter2", "--set", "jobs.cli.headers.Cookie=hunter2",
        "--results", "r.jsonl", cwd=tmp_path,
    )  # fmt: skip
    try:
        while not ((tmp_path / "r.jsonl").exists() and (tmp_path / "r.jsonl").stat().st_size):
            assert process.poll() is None
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        for pid in (process.pid, *children):
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            assert b"hunter2" not in line
            assert b"-u\0ann:*******\0--workers\0" in line
            assert os.fsencode(str(url)[:20]) in line
    finally:
        process.terminate()
        end(process)
