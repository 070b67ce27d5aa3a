from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

from fthg.track.figures import (
    Counts,
    Figures,
    Group,
    Hint,
    QualityFinding,
    Reconciliation,
    SentFiles,
    Sla,
    SlaStep,
    State,
    Transfers,
)
from fthg.track.summary_json import write_junit, write_summary
from fthg.track.tracked import SECOND
from fthg.track.vocabulary import VOCABULARY
from fthg.verdicts.baseline import Change
from fthg.verdicts.thresholds import Verdict, parse
from tests.track.page import examples

NOTHING = Transfers(0, ())
SENT = Reconciliation(5, SentFiles(2, ()), NOTHING, Transfers(1, ()))


def _written(figures: Figures, tmp_path: Path) -> dict[str, Any]:
    write_summary(figures, str(tmp_path / "s.json"))
    read: dict[str, Any] = json.loads((tmp_path / "s.json").read_text())
    return read


def test_what_does_not_apply_is_null_and_no_key_is_left_out(tmp_path: Path) -> None:
    found = _written(examples.figures([], sla=None), tmp_path)
    assert list(found) == [
        "schema", "title", "verdict", "state", "from", "to", "snapshot", "transfers", "passed",
        "failed", "timeout", "in_progress", "pending", "pass_rate", "unpaired", "transit", "sla",
        "groups", "thresholds", "baseline", "data_quality", "hints", "sent",
    ]  # fmt: skip
    assert found["schema"] == 1
    assert found["verdict"] == {"tone": "empty", "sentence": "No transfer started in this period."}
    assert found["pass_rate"] is found["sla"] is found["baseline"] is found["sent"] is None
    assert set(found["transit"].values()) == {None}
    assert (found["groups"], found["thresholds"], found["hints"]) == ({}, [], [])
    assert found["data_quality"] == {}


def test_everything_that_is_found_stands_in_it(tmp_path: Path) -> None:
    threshold = parse("pass_rate >= 99%", VOCABULARY)
    step = SlaStep(examples.START, examples.START + examples.HOUR, 3, 4)
    group = Group("orders", ("order-*",), Counts(passed=3, unpaired=1), None, 2)
    found = _written(
        examples.figures(
            [],
            counts=Counts(passed=3, failed=1, unpaired=2),
            state=State.ENDED_EARLY,
            unpaired_egress=Transfers(2, ()),
            transit=examples.spread([SECOND, 2 * SECOND]),
            sla=Sla(5 * SECOND, 3, 6, 1, Fraction(95, 100), steps=(step,)),
            groups=(group,),
            thresholds=(Verdict(threshold, 75.0, ok=False),),
            baseline=(Change("failed", "count", 2, 1, False),),
            quality=(
                QualityFinding("null_uuid", "ingress", 2, ()),
                QualityFinding("null_uuid", "egress", 3, ()),
            ),
            hints=(Hint("same_table", "both sides are the same table", ("unpaired",)),),
            sent=SENT,
        ),
        tmp_path,
    )
    assert found["state"] == "ended_early"
    assert (found["from"], found["to"]) == (
        "2026-11-08T16:00:00.000000Z", "2026-11-08T18:00:00.000000Z",
    )  # fmt: skip
    assert (found["transfers"], found["pass_rate"]) == (6, 0.75)
    assert found["unpaired"] == {"ingress": 0, "egress": 2}
    assert (found["transit"]["mean"], found["transit"]["p95"]) == (1.5, 2.0)
    steps = [{
        "from": "2026-11-08T16:00:00.000000Z", "to": "2026-11-08T17:00:00.000000Z",
        "within": 3, "due": 4,
    }]  # fmt: skip
    assert found["sla"] == {
        "limit": 5.0, "target": 0.95, "within": 3, "due": 6, "overdue": 1, "met": False,
        "steps": steps,
    }  # fmt: skip
    orders = found["groups"]["orders"]
    assert (orders["patterns"], orders["transfers"], orders["unpaired"]) == (["order-*"], 4, 1)
    assert (orders["pass_rate"], orders["transit"]["p95"], orders["within"]) == (1.0, None, 2)
    assert found["thresholds"] == [{"text": "pass_rate >= 99%", "found": 75.0, "ok": False}]
    assert found["baseline"] == {"failed": {"before": 2, "now": 1, "change": -0.5}}
    assert found["data_quality"] == {"null_uuid": 5}
    assert found["hints"] == [
        {"kind": "same_table", "sentence": "both sides are the same table", "affects": ["unpaired"]}
    ]
    assert found["sent"] == {"accepted": 5, "missing": 2, "unexpected": 1}


def test_a_promise_that_nothing_was_due_for_is_neither_met_nor_missed(tmp_path: Path) -> None:
    assert _written(examples.figures([]), tmp_path)["sla"]["met"] is None


def test_the_checks_are_test_cases(tmp_path: Path) -> None:
    threshold = parse("pass_rate >= 99%", VOCABULARY)
    figures = examples.figures(
        [],
        title="N\x1b<&>\n",
        counts=Counts(passed=3, unpaired=1),
        thresholds=(Verdict(threshold, 98.5, ok=False),),
        sent=SENT,
    )
    write_junit(figures, str(tmp_path / "j.xml"))
    (suite,) = Xml.fromstring((tmp_path / "j.xml").read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("3", "3")
    found = {case.get("name"): [each.get("message") for each in case] for case in suite}
    assert found == {
        "pass_rate >= 99%": ["found 98.50%"],
        "every row has a partner": ["1 unpaired"],
        "every sent file arrived": ["2 missing"],
    }
    write_junit(examples.figures([]), str(tmp_path / "j.xml"))
    (suite,) = Xml.fromstring((tmp_path / "j.xml").read_text())
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")
