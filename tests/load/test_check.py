"""The plan as `--check` shows it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from fthg.errors import StartError
from fthg.load.check import describe_plan
from fthg.load.files.generate import Generate
from fthg.load.files.source import Source
from fthg.load.pacing.constant import Constant
from fthg.load.pacing.maximum import Maximum
from fthg.load.plan import Plan
from fthg.placeholders import Template
from fthg.protocols.endpoint import Endpoint
from fthg.protocols.http.options import HttpOptions
from fthg.protocols.options import Options
from fthg.protocols.sftp.options import SftpOptions

from .snapshots import job


def division(directory: Path, workers: int, **changes: Any) -> list[str]:
    """Return the lines of one job that show how it is divided."""
    (directory / "a").write_text("a")
    only = job(source=Source(str(directory)), **changes)
    lines = describe_plan(Plan("r1", (only,), workers=workers))
    return [line.split(" ", 4)[4] for line in lines if line.startswith("  workers ")]


@pytest.mark.parametrize(
    ("workers", "changes", "shown"),
    [
        (2, {}, "2: 128 in flight, 128 connections each"),
        (3, {}, "3: 85 or 86 in flight, 85 or 86 connections each"),
        (8, {"limit": 3}, "3 of 8: 1 in flight, 1 connection each"),
        (300, {"limit_named": False}, "300: 1 in flight, 1 connection each"),
        (2, {"protocol": "sftp", "limit": 64}, "2: 32 in flight, 1 connection each"),
        (2, {"connections": 1}, "1 of 2: 256 in flight, 1 connection"),
        (8, {"connections": 4}, "4 of 8: 64 in flight, 1 connection each"),
        (2, {"open": False, "limit": 3}, "2: 1 or 2 senders, 1 or 2 connections each"),
        (2, {"open": False, "limit": 1}, "1 of 2: 1 sender, 1 connection"),
    ],
)
def test_it_shows_how_workers_divide_a_job(
    tmp_path: Path, workers: int, changes: dict[str, Any], shown: str
) -> None:
    assert division(tmp_path, workers, **changes) == [shown]


def lines(source: Source, **changes: Any) -> list[str]:
    return list(describe_plan(Plan("r1", (job(source=source, **changes),))))


def generated(name: str = "{seq}.dat") -> Source:
    return Source("", generate=Generate(1024, 3072, Template(name), text=False, seed=7))


def test_many_local_addresses_fit_a_terminal() -> None:
    source = tuple(f"127.0.0.{number}" for number in range(1, 41))
    shown = lines(generated(), options=Options(source=source))
    assert max(map(len, shown)) < 80
    found = "\n".join(shown).partition("  from ....... ")[2].partition("\n  rate ")[0]
    assert tuple(found.replace(",", "").split()) == source


def test_it_shows_where_connections_lead_and_where_they_come_from() -> None:
    options = Options(source=("127.0.0.2", "::1"), connect_to=Endpoint("10.0.0.7", 8443))
    shown = lines(generated(), options=options)
    assert "  connect to . 10.0.0.7:8443" in shown
    assert "  from ....... 127.0.0.2, ::1" in shown


def test_a_local_address_that_this_host_does_not_have_is_told_by_job() -> None:
    with pytest.raises(StartError, match=r"^jobs\.orders: source: 192\.0\.2\.5: "):
        lines(generated(), options=Options(source=("192.0.2.5",)))


def test_it_shows_what_is_generated_and_how_much_on_average() -> None:
    shown = lines(generated(), count=1000)
    assert "  files ...... generated, 1.0 KiB to 3.0 KiB, random" in shown
    assert "  sends ...... 1,000 files, 1.9 MiB" in shown


def test_it_shows_the_way_to_the_server_where_there_is_one_and_none_of_its_secrets() -> None:
    proxy = "socks5://ann:geheim@proxy.example.com"
    shown = lines(generated(), options=HttpOptions(proxy=proxy))
    to = next(number for number, line in enumerate(shown) if line.startswith("  to "))
    assert shown[to + 1].strip() == "via socks5://proxy.example.com"
    assert "geheim" not in "".join(shown)


@pytest.mark.parametrize(
    ("name", "remote_name", "overwrites"),
    [
        ("{seq}.dat", "{filename}", False),
        ("{seq}.dat", "fixed", True),
        ("fixed", "{filename}", True),
        ("fixed", "{uuid}", False),
        ("{seq}.dat", "fixed{suffix}", True),
    ],
)
def test_it_notes_generated_files_that_overwrite_each_other(
    name: str, remote_name: str, overwrites: bool
) -> None:
    url = Template("sftp://h/in")
    options = SftpOptions(job="orders", url=url, remote_name=Template(remote_name))
    shown = "\n".join(lines(generated(name), count=2, options=options))
    assert ("overwrite" in shown) is overwrites


def test_one_process_divides_nothing(tmp_path: Path) -> None:
    assert division(tmp_path, 1) == []


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"start_after": 12.3, "spread_over": 30.0}, ["after 12.3s (spread over 30s)"]),
        ({"start_after": 12.3}, ["after 12.3s"]),
        ({"spread_over": 30.0}, ["at once (spread over 30s)"]),
        ({}, []),
    ],
)
def test_it_shows_when_a_job_starts_and_that_it_is_spread(
    tmp_path: Path, changes: dict[str, Any], shown: list[str]
) -> None:
    (tmp_path / "a").write_text("a")
    only = job(source=Source(str(tmp_path)), **changes)
    lines = describe_plan(Plan("r1", (only,)))
    assert [line.split(" ", 4)[4] for line in lines if line.startswith("  starts ")] == shown


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        ({"duration": 60.0}, ["sends ...... at most 300 files", "ends ....... after 59.8s"]),
        ({"count": 10}, ["sends ...... 10 files", "ends ....... after 1.8s"]),
        (
            {"pacer": Maximum(), "count": 5},
            ["sends ...... 5 files", "by itself after its last file"],
        ),
        (
            {"pacer": Maximum(), "count": 5, "duration": 60.0},
            ["sends ...... at most 5 files", "last file, at the latest after 1m 00s"],
        ),
    ],
)
def test_of_a_closed_job_it_says_what_the_answers_decide(
    changes: dict[str, Any], rows: list[str]
) -> None:
    given = {"pacer": Constant(Fraction(5)), "open": False, "limit": 1, **changes}
    shown = "\n".join(lines(generated(), **given))
    assert all(row in shown for row in rows), shown
