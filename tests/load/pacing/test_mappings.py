"""Day profiles and replays in configuration files, as users write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from fthg import cli
from fthg.config import settings
from fthg.config.document import parse
from fthg.config.show import show
from fthg.config.tree import Section
from fthg.errors import ConfigError
from fthg.load.check import describe_plan
from fthg.load.pacing import Pacer
from fthg.load.planning import make_plan
from fthg.program import SECTIONS
from fthg.writing import Stamp


def config(directory: Path, rate: str, defaults: str = "{}") -> Path:
    (directory / "in").mkdir(exist_ok=True)
    (directory / "in" / "a").write_text("a")
    path = directory / "c.yaml"
    path.write_text(
        f"defaults: {defaults}\n"
        "jobs:\n  orders:\n    url: http://127.0.0.1/\n    files: in\n"
        f"    rate: {rate}\n"
    )
    return path


def pacer(path: Path, *words: str) -> Pacer:
    found = settings.read(cli.parse(["-c", str(path), *words]), SECTIONS)
    rate = found.jobs["orders"]["rate"]
    assert isinstance(rate, Pacer)
    return rate


def errors(path: Path, *words: str) -> list[str]:
    """Return all errors: the last part of their places, the key and the reason."""
    with pytest.raises(ConfigError) as raised:
        pacer(path, *words)
    lines = [line for line in str(raised.value).splitlines() if "jobs.orders.rate" in line]
    return [line.strip().replace(f"{path}:", "").replace(f"{path.parent}/", "") for line in lines]


@pytest.mark.parametrize(
    "rate",
    [
        '{day: {"00:00": 20/hour, "08:00": 300/hour, "mon-fri 18:00": 60/hour}, zone: UTC}',
        "{day: {00:00: 20/hour, 08:00: 300/hour, mon-fri 18:00: 60/hour}, zone: UTC}",
        "\n      day:\n        00:00: 20/hour\n        8:00: 300/hour\n"
        "        mon-fri 18:00: 60/hour\n      zone: UTC",
    ],
)
def test_times_of_the_day_are_read_as_they_are_written(tmp_path: Path, rate: str) -> None:
    path = config(tmp_path, rate)
    assert pacer(path).text == "day profile of 3 entries, UTC"
    week = 5 * (160 + 3000 + 360) + 2 * (160 + 4800)
    assert pacer(path).arrivals(7 * 86_400 * 10**9) == week


@pytest.mark.parametrize(
    ("rate", "error"),  # ^ is the place
    [
        ("{day: {^mom 08:00: 1/s}}", ".day.mom 08:00: 'mom' is not a day; did you mean 'mon'?"),
        ("{day: {^24:00: 1/s}}", ".day.24:00: '24:00': a day has the times 00:00 to 23:59"),
        ("{day: {^8: 1/s}}", ".day.8: '8' is not a time of the day; write it as 08:00"),
        ("{day: {8:00: 1/s, ^08:00: 2/s}}", ".day.08:00: the entry '8:00' is for the same time"),
        ("{day: {mon-fri 8:00: 1/s, ^fri 08:00: 2/s}}", ".day.fri 08:00: the entry 'mon-fri 8:00'"),
        ('{day: {"08:00": 1/s, ^"08:00": 2/s}}', ".day.08:00: given twice"),
        ("{day: {08:00: ^to 1/s}}", ".day.08:00: 'to 1/s': a day profile has neither max nor ramps"
         "; write it as 300/hour, or 0/s"),
        ("{day: {08:00: ^fast}}", ".day.08:00: 'fast' is not a rate; write it as 5/s"),
        ("{day: {08:00: ^{a: b}}}", ".day.08:00: '{a: b}' is not a rate"),
        ("{day: ^{sat,sun 08:00: 1/s}}", ".day.sat: 'sat' is not a time of the day; write it as "
         "08:00, mon 08:00, mon-fri 08:00 or sat,sun 08:00, between quotes"),
        ("{day: ^{}}", '.day: has no entry; write one as "08:00": 300/hour'),
        ("{day: ^5/s}", ".day: must be a mapping of times and rates"),
        ("{day: ^[5/s]}", ".day: must be a mapping of times and rates"),
        ("{day: ^{8:00: 0/s}}", ".day: every entry is a pause"),
        ("{day: ^{8:00: 5/s, mon-sun 8:00: 0/s}}", ".day: every entry is a pause"),
        ("{day: {8:00: 5/s}, zone: ^Berlin}", ".zone: unknown time zone 'Berlin'; write it as "
         "Europe/Berlin"),
        ("{day: {8:00: 5/s}, ^zones: UTC}", ".zones: unknown key; did you mean 'zone'?"),
        ("^{dya: {8:00: 5/s}}", ": a mapping needs the key day (a day profile) or replay (a file)"),
        ("^{}", ": a mapping needs the key day"),
        ("{day: {8:00: 5/s}, ^replay: a.csv}", ".replay: either day or replay"),
        ("{replay: ^none.csv}", ".replay: none.csv cannot be read: No such file or directory"),
        ("^{replay: a.csv}", ".column: a.csv:1: name the column of the moments; there are start"),
        ("{replay: a.csv, column: ^begin}", ".column: a.csv:1: there is no column 'begin'; there "
         "are start, end"),
        ("{replay: ^a.csv, column: end}", ".replay: a.csv:3: 'soon' is not a moment; write it as "
         "2026-01-31T14:00:00Z or in Unix seconds"),
        ("{replay: a.csv, column: start, speed: ^0}", ".speed: '0' is not a speed; write it as 2"),
        ("{replay: a.csv, column: start, speed: ^1e9}", ".speed: '1e9' is not a speed"),
        ("{replay: a.csv, column: start, ^sped: 2}", ".sped: unknown key; did you mean 'speed'?"),
        ("^'{replay: a.csv}'", ": a day profile or a replay is a mapping: write it into the "
         "configuration file, without quotes around it, or give it as --set"),
    ],
)  # fmt: skip
def test_an_error_has_its_place_its_key_and_the_remedy(
    tmp_path: Path, rate: str, error: str
) -> None:
    (tmp_path / "a.csv").write_text("start,end\n1,2\n2,soon\n")
    found = errors(config(tmp_path, rate.replace("^", "")))
    place = f"6:{len('    rate: ') + rate.index('^') + 1}"
    assert found[0].startswith(f"{place}: jobs.orders.rate{error}"), found


def test_all_wrong_entries_are_reported(tmp_path: Path) -> None:
    path = config(tmp_path, "{day: {24:00: 1/s, mom 8:00: 1/s, 8:00: fast}, zone: X}")
    assert len(errors(path)) == 4


def test_an_entry_without_a_value_takes_one_of_the_defaults_away(tmp_path: Path) -> None:
    defaults = "{rate: {day: {8:00: 5/s, 18:00: 1/s}, zone: UTC}}"
    path = config(tmp_path, "{day: {18:00: null, 20:00: 2/s}}", defaults)
    assert pacer(path).stages == ["8:00: 5/s", "20:00: 2/s"]


def test_a_replay_takes_the_place_of_a_profile_of_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("at\n1\n")
    defaults = "{rate: {day: {8:00: 5/s}}}"
    path = config(tmp_path, "{replay: a.csv, column: at, day: null}", defaults)
    assert pacer(path).text == "replay of a.csv, 1 file"


def test_the_command_line_takes_them_with_set_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.csv").write_text("at\n1\n2\n")
    path = config(tmp_path, "5/s")
    monkeypatch.chdir(tmp_path.parent)
    rate = f"{{replay: {tmp_path.name}/a.csv, column: at}}"
    assert pacer(path, "--set", f"jobs.orders.rate={rate}").text.endswith("a.csv, 2 files")
    assert "--set jobs.NAME.rate=" in errors(path, "--rate", rate)[0]
    assert pacer(path, "--set", "jobs.orders.rate={day: {8:00: 1/s}, zone: UTC}").stages


@pytest.mark.parametrize(
    "rate",
    ['{day: {"8:00": 5/s, "sat,sun 08:00": 0/s}, zone: UTC}', "{replay: a.csv, column: at}"],
)
def test_what_is_shown_can_be_read_again_as_the_same(tmp_path: Path, rate: str) -> None:
    (tmp_path / "a.csv").write_text("at\n1\n2\n")
    path = config(tmp_path, rate)
    found = settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    shown = "\n".join(show(found.tree, found.schema))
    tree, problems = parse(str(path), shown)
    assert not problems
    assert isinstance(tree, Section)
    assert tree["jobs"]["orders"]["rate"] == found.tree["jobs"]["orders"]["rate"]


def test_the_plan_shows_what_a_replay_sends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("at\n10\n20\n130\n")
    path = config(tmp_path, "{replay: a.csv, column: at, speed: 2}")
    found = settings.read(cli.parse(["-c", str(path)]), SECTIONS)
    plan = "\n".join(describe_plan(make_plan(found.run, found.jobs, Stamp("r", "d", "t"))))
    assert "replay of a.csv, 2 times as fast, 3 files" in plan
    assert "3 files, 3 B" in plan
    assert "after 1m 0" in plan
