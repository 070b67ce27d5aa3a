from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from fthg.errors import ConfigError
from fthg.track.options import TRACK_KEYS
from fthg.track.plan import TrackPlan, track_plan
from fthg.track.tls import Tls

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
URL = "mysql://me:p%40ss@db.example.com:3307/moves"
MINIMAL = {"ingress": URL, "egress": URL, "from": "today", "output": "r.html"}


def _plan(**changes: Any) -> TrackPlan:
    data = {name: value for name, value in {**MINIMAL, **changes}.items() if value is not None}
    return track_plan(vol.Schema(dict(TRACK_KEYS))(data), NOW)


def _faults(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        _plan(**changes)
    return str(caught.value)


def test_a_url_is_the_short_form_of_a_side() -> None:
    side = _plan().ingress
    assert (side.host, side.port, side.user, side.password, side.database, side.table) == (
        "db.example.com", 3307, "me", "p@ss", "moves", "transfers",
    )  # fmt: skip
    assert "p@ss" not in repr(_plan())


def test_a_side_may_be_a_mapping(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hush\n")
    side = _plan(
        egress={
            "host": "h", "user": "u", "password_file": str(secret), "database": "d", "table": "t",
            "timezone": "UTC", "tls": {"ca": "/ca.pem"}, "connect_timeout": "2s",
            "columns": {"uuid": "id", "startTime": "begun"},
        }
    ).egress  # fmt: skip
    assert (side.password, side.port, side.timezone, side.tls) == (
        "hush", 3306, "UTC", Tls("verify_identity", "/ca.pem"),
    )  # fmt: skip
    assert [column.name for column in side.columns] == [
        "id", "filename", "begun", "endTime", "status",
    ]  # fmt: skip
    assert (side.connect_timeout, side.read_timeout) == (2.0, 30.0)


def test_an_option_file_fills_what_is_not_set(tmp_path: Path) -> None:
    options = tmp_path / "my.cnf"
    options.write_text(
        '!includedir /etc/my.cnf.d\n[client]\nuser = u\npassword = "p#1"\nport=3310\n'
        "host=filled\nssl-ca=/ca.pem\n[mysqld]\nskip-name-resolve\n"
    )
    side = _plan(ingress={"option_file": str(options), "host": "mine", "database": "d"}).ingress
    assert (side.host, side.port, side.user, side.password) == ("mine", 3310, "u", "p#1")
    assert side.tls == Tls("verify_identity", "/ca.pem")


def test_the_period_is_in_microseconds_utc_and_ends_now() -> None:
    plan = _plan()
    midnight = datetime(2026, 2, 28, 22, tzinfo=timezone.utc)
    assert plan.start == round(midnight.timestamp()) * 1_000_000
    assert plan.end - plan.start == 12 * 3600 * 1_000_000


def test_defaults_are_those_of_the_manual() -> None:
    plan = _plan()
    assert (plan.poll, plan.grace, plan.sla, plan.once, plan.match) == (
        10.0, 300_000_000, None, False, "uuid",
    )  # fmt: skip


def test_everything_can_be_set() -> None:
    plan = _plan(
        to="now+2h", poll="1s", grace="0", sla="1m", once="yes", title="Night", csv="a.csv",
        summary="s.json", sent=["a.jsonl", "b.jsonl"], match="filename", ledger="l.db",
    )  # fmt: skip
    assert (plan.poll, plan.grace, plan.sla, plan.once) == (1.0, 0, 60_000_000, True)
    assert (plan.title, plan.sent, plan.match) == ("Night", ("a.jsonl", "b.jsonl"), "filename")
    assert plan.outputs == ("r.html", "a.csv", "s.json")


def test_what_judges_can_be_set(tmp_path: Path) -> None:
    before = tmp_path / "s.json"
    before.write_text('{"transfers": 7, "unpaired": {"ingress": 1, "egress": 2}}')
    plan = _plan(
        sla="99.5% within 60s", thresholds=["transit p95 < 120% of baseline", "sla > 90%"],
        groups={"orders": "order-*"}, junit="j.xml", baseline=str(before), zone="UTC",
    )  # fmt: skip
    assert (plan.sla, plan.sla_target) == (60_000_000, Fraction(995, 1000))
    assert [(one.text, one.value) for one in plan.thresholds] == [
        ("transit p95 < 120% of baseline", 120), ("sla > 90%", 90), ("99.5% within 60s", 99.5),
    ]  # fmt: skip
    assert plan.groups == (("orders", ("order-*",)),)
    assert (plan.outputs, plan.zone, plan.zone_name) == (("r.html", "j.xml"), timezone.utc, "UTC")
    assert plan.baseline
    assert plan.baseline.path == str(before)
    assert (plan.baseline.figures["transfers"], plan.baseline.figures["unpaired"]) == (7, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ingress": None}, "track.ingress: the database at ingress is not set"),
        ({"from": None}, "give --from"),
        ({"from": "now", "to": "yesterday"}, "is not before"),
        ({"from": "today", "to": "today"}, "is not before"),
        ({"output": None}, "nothing would be written"),
        ({"thresholds": ["sla > 9%"]}, "track.thresholds: 'sla > 9%' needs --sla"),
        ({"thresholds": ["missing == 0"]}, "track.thresholds: 'missing == 0' needs --sent"),
        ({"thresholds": ["unexpected == 0"]}, "needs --sent"),
        (
            {"thresholds": ["failed <= 100% of baseline"]},
            "'failed <= 100% of baseline' needs --baseline, the --summary of an earlier run",
        ),
        ({"baseline": "/nowhere.json"}, "track.baseline: /nowhere.json cannot be read"),
        ({"egress": {"host": "h"}}, "track.egress.user: this is not set"),
        ({"egress": "mysql://u@h"}, "track.egress.database: this is not set"),
    ],
)
def test_what_does_not_go_together_is_said(changes: Mapping[str, Any], words: str) -> None:
    assert words in _faults(**changes)


def test_all_errors_are_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        track_plan({}, NOW)
    assert len(caught.value.errors) == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"from": "whenever"}, "not a point in time"),
        ({"poll": "0"}, "more than 0s"),
        ({"match": "luck"}, "not one of uuid, filename"),
        ({"ingress": "postgres://u@h/d"}, "mysql://user:password@host:port/database"),
        ({"ingress": "mysql://u@h:port/d"}, "the port is not a number from 1 to 65535"),
        ({"ingress": {"timezone": "a quarter past"}}, "not a time zone"),
        ({"ingress": {"columns": {"size": "s"}}}, "there is no column 'size'"),
        ({"ingress": {"hsot": "h"}}, "extra keys not allowed"),
        ({"ingress": {"option_file": "/nowhere"}}, "/nowhere cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_key(changes: Mapping[str, Any], words: str) -> None:
    with pytest.raises(vol.MultipleInvalid) as caught:
        vol.Schema(dict(TRACK_KEYS))({**MINIMAL, **changes})
    assert words in str(caught.value)
    assert caught.value.errors[0].path[0] == next(iter(changes))
    assert "p@ss" not in str(caught.value)
