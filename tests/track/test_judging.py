from __future__ import annotations

import json
from dataclasses import replace
from datetime import timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fthg.track.figures import Counts, Figures, Reconciliation, SentFiles, Sla, Transfers
from fthg.track.judging import judge_figures
from fthg.track.plan import TrackPlan
from fthg.track.side import Side
from fthg.track.summary_json import write_summary
from fthg.track.tracked import SECOND
from fthg.track.vocabulary import COMPARED, VOCABULARY, named_figures, read_baseline
from fthg.verdicts.thresholds import parse
from tests.track.page import examples

SIDE = Side("ingress", "h", "u", "d")
NOTHING = Transfers(0, ())


def _plan(*limits: str, **changes: Any) -> TrackPlan:
    thresholds = tuple(parse(text, VOCABULARY) for text in limits)
    return TrackPlan(SIDE, SIDE, 0, 1, thresholds=thresholds, **changes)


def _figures(counts: Counts, seconds: int = 4, **changes: Any) -> Figures:
    transit = examples.spread([seconds * SECOND] * counts.passed)
    unpaired = Transfers(counts.unpaired, ())
    usual = {"counts": counts, "transit": transit, "sla": None, "unpaired_ingress": unpaired}
    return examples.figures([], **{**usual, **changes})


@pytest.mark.parametrize(
    ("limit", "found", "ok"),
    [
        ("transfers == 21", 21, True),
        ("passed > 50%", 60.0, True),
        ("failed < 10%", 30.0, False),
        ("timeout == 1", 1, True),
        ("in_progress == 2", 2, True),
        ("pending < 5%", 300 / 21, False),
        ("unpaired == 0", 6, False),
        ("pass_rate >= 60%", 60.0, True),
        ("sla >= 31.25%", 31.25, True),
        ("transit p95 < 4s", 4.0, False),
        ("missing <= 20%", 40.0, False),
        ("unexpected == 4", 4, True),
    ],
)
def test_every_figure_has_its_thresholds(limit: str, found: float, ok: bool) -> None:
    counts = Counts(passed=6, failed=3, timeout=1, in_progress=2, pending=3, unpaired=6)
    sent = Reconciliation(5, SentFiles(2, ()), NOTHING, Transfers(4, ()))
    figures = _figures(counts, sent=sent, sla=Sla(SECOND, 5, 16, 0))
    (verdict,) = judge_figures(figures, _plan(limit)).thresholds
    assert verdict.found == pytest.approx(found)
    assert verdict.ok is ok


@pytest.mark.parametrize("percent", ["99.9%", "95%", "33.3%", "0.1%"])
def test_a_share_of_exactly_the_limit_meets_it(percent: str) -> None:
    thousandths = round(10 * float(percent[:-1]))
    figures = _figures(Counts(passed=7 * thousandths, failed=7 * (1000 - thousandths)))
    for op, ok in ((">=", True), ("<=", True), (">", False), ("<", False)):
        plan = _plan(f"pass_rate {op} {percent}")
        assert judge_figures(figures, plan).thresholds[0].ok is ok


def test_an_empty_period_has_no_data_and_fails() -> None:
    limits = ("pass_rate >= 1%", "transit p95 < 9s", "failed < 50%")
    judged = judge_figures(_figures(Counts()), _plan(*limits))
    assert [(one.found, one.ok) for one in judged.thresholds] == [(None, False)] * 3


def test_the_summary_of_a_run_is_the_baseline_of_the_next(tmp_path: Path) -> None:
    path = str(tmp_path / "s.json")
    sent = Reconciliation(5, SentFiles(2, ()), NOTHING, NOTHING)
    sla = Sla(5 * SECOND, 9, 12, 0)
    before = _figures(Counts(passed=9, failed=1, unpaired=2), 4, sla=sla, sent=sent)
    write_summary(before, path)
    now = replace(before, transit=examples.spread([5 * SECOND]), counts=Counts(passed=19, failed=1))
    plan = _plan(
        "transit p95 <= 120% of baseline", "failed <= 100% of baseline", "sla >= 100% of baseline",
        baseline=read_baseline(path),
    )  # fmt: skip
    judged = judge_figures(now, plan)
    assert [one.ok for one in judged.thresholds] == [False, True, True]
    changes = {one.figure: one for one in judged.baseline}
    assert list(changes) == list(COMPARED)
    assert (changes["pass_rate"].before, changes["pass_rate"].now) == (0.9, 0.95)
    assert changes["pass_rate"].worse is False
    assert (changes["unpaired"].before, changes["unpaired"].now) == (2, 0)
    assert changes["unpaired"].worse is False
    assert (changes["transit p95"].change, changes["transit p95"].worse) == (0.25, True)
    assert changes["failed"].worse is changes["sla"].worse is changes["missing"].worse is None
    write_summary(judged, path)
    written = json.loads(Path(path).read_text())["baseline"]
    assert written["transit p95"] == {"before": 4.0, "now": 5.0, "change": 0.25}


def test_an_unchanged_run_has_no_change_for_the_worse(tmp_path: Path) -> None:
    path = str(tmp_path / "s.json")
    figures = examples.figures(examples.transfers(500))
    write_summary(figures, path)
    limits = [f"{name} == 100% of baseline" for name in COMPARED if name != "missing"]
    judged = judge_figures(figures, _plan(*limits, baseline=read_baseline(path)))
    assert {one.worse for one in judged.baseline} == {None}
    assert all(one.ok for one in judged.thresholds)


@pytest.mark.parametrize(
    "changes", [{"unpaired": 3}, {"sla": [1]}, {"transit": "4s"}, {"passed": "all"}]
)
def test_a_summary_that_others_changed_is_refused(tmp_path: Path, changes: Any) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps({"transfers": 1, **changes}))
    with pytest.raises(ValueError, match="is no summary of fthg --track"):
        read_baseline(str(path))


def test_the_zone_of_the_plan_is_that_of_the_report() -> None:
    plan = _plan(zone=ZoneInfo("Europe/Berlin"), zone_name="Europe/Berlin")
    judged = judge_figures(_figures(Counts()), plan)
    assert (judged.zone, judged.zone_name) == (ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    assert judge_figures(_figures(Counts()), _plan()).zone is timezone.utc


def test_every_figure_of_the_vocabulary_is_measured() -> None:
    named = named_figures(examples.figures(examples.transfers(10)))
    for figure in (*VOCABULARY.units, *VOCABULARY.wholes.values()):
        assert figure in named
