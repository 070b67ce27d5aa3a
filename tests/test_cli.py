from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from fthg import __version__, cli
from fthg.cli.names import FOREIGN


def test_the_help_fits_a_terminal_of_80_columns_and_has_every_default() -> None:
    for line in cli.build_parser().format_help().splitlines():
        assert len(line) <= 80, line
    for action in cli.build_parser()._actions:
        if action.option_strings and action.dest not in ("version", "help", "track"):
            assert "default" in str(action.help), action.option_strings


def test_the_command_line_is_parsed_with_the_standard_library_alone() -> None:
    code = "import sys, fthg.cli; fthg.cli.build_parser(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    foreign = {"gevent", "requests", "paramiko", "yaml", "rich", "voluptuous"}
    assert not foreign & set(done.stdout.split())


@pytest.mark.parametrize("when", ["-2h", "-1h30m", "now-2h", "2026-01-31T14:00"])
def test_a_time_that_begins_with_a_dash_is_no_option(when: str) -> None:
    args = cli.parse(["--track", "--from", when, "--to", when])
    assert (args.from_, args.to) == (when, when)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["-X", "PUT"], "needs --url"),
        (["-H", "A: b"], "needs --url"),
        (["-L"], "-L/--location needs --url"),
        (["-x", "http://p"], "-x/--proxy needs --url"),
        (["--connect-timeout", "3s"], "--connect-timeout needs --url"),
        (["--connect-to", "h:1"], "--connect-to needs --url"),
        (["--remote-name", "x"], "--remote-name needs --url"),
        (["--atomic"], "--atomic needs --url"),
        (["--mkdir"], "--mkdir needs --url"),
        (["--from", "today"], "needs --track"),
        (["--track", "--url", "http://h"], "use one of them"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option\n"),
        (["--duratoin", "5s"], "--duratoin …; did you mean --duration?\n"),
        (["--proxi=http://u:pw@h"], "unrecognized arguments: --proxi …; did you mean --proxy?\n"),
        (["-J"], "unrecognized arguments: -J\n"),
        (["jobs.yaml"], "unrecognized arguments: jobs.yaml; did you mean: fthg -c jobs.yaml\n"),
        (["jobs"], "unrecognized arguments: jobs\n"),
        (["run", "x"], "there are no subcommands; did you mean: fthg -c FILE\n"),
        (["http://u:pw@h/"], "did you mean: fthg --url URL --files DIRECTORY --rate 5/s\n"),
        (["-T", "file"], "-T …; write --files, a file or a directory to send\n"),
        (["-Tfile"], "-T …; write --files"),
        (["-F", "a=@b"], "write --set jobs.cli.body=multipart"),
        (["--max-time", "5"], "write --timeout\n"),
        (["--resolve=h:1:2"], "write --connect-to HOST:PORT\n"),
        (["--retry", "3"], "write nothing: each file is sent once"),
        (["--vus", "3"], "write --model closed --senders N\n"),
        (["--rps", "3"], "write --rate, as in --rate 5/s\n"),
        (["--iterations", "3"], "write --count\n"),
        (["--stages", "5s:10"], "write --rate '10/s for 5m, to 100/s over 10m'\n"),
        (["--run=--"], "--run: '--' is no value\n"),
        (["--slice=--"], "--slice: '--' is no value\n"),
        (["--job=--"], "--job: '--' is no value\n"),
        (["--rate=--"], "--rate: '--' is no value\n"),
        ([""], "unrecognized arguments: \n"),
        (["--model", "half-open"], "invalid choice"),
        (["--slice", "0/2"], "--slice needs --run"),
        (["--join"], "--join needs --start-at"),
        *(
            (["--from-results", "r.jsonl", *words], "cannot be used with --from-results")
            for words in (
                ["--track"],
                ["--url", "http://h"],
                ["--rate", "1/s"],
                ["--results", "r.jsonl"],
                ["--workers", "2"],
                ["--check"],
            )
        ),
    ],
)
def test_wrong_usage_ends_with_status_2_and_says_why(
    words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.parse(words)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


def test_results_come_from_files_and_from_standard_input() -> None:
    args = cli.parse(["--from-results", "a", "--from-results", "-", "-c", "j", "--job", "x"])
    assert (args.from_results, args.from_) == (["a", "-"], None)


@pytest.mark.parametrize("option", ["-n", "--check", "--dry-run"])
def test_a_check_has_three_names(option: str) -> None:
    assert cli.parse([option]).check
    assert not cli.parse([]).check


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_has_two_names(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.parse([option])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"fthg {__version__}\n")


def test_repeatable_options_are_gathered() -> None:
    args: Any = cli.parse(["-c", "a", "-c", "b", "--job", "x", "--job", "y", "-vv", "-q"])
    assert (args.config, args.job, args.verbose, args.quiet) == (["a", "b"], ["x", "y"], 2, 1)


def test_no_option_of_another_program_is_one_of_ours() -> None:
    assert not set(FOREIGN) & set(cli.build_parser()._option_string_actions)


def test_sent_files_are_given_together_or_one_by_one() -> None:
    assert cli.parse(["--track", "--sent", "a", "b", "--sent", "c"]).sent == ["a", "b", "c"]
