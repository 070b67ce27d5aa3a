from __future__ import annotations

from collections.abc import Mapping
from datetime import timezone
from fractions import Fraction
from typing import Any

import pytest
import voluptuous as vol

from fthg.track.options import TRACK_KEYS, SlaOption


def _read(**data: Any) -> Mapping[str, Any]:
    read: Mapping[str, Any] = vol.Schema(dict(TRACK_KEYS))(data)
    return read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("60s", SlaOption(60.0)),
        ("95% within 60s", SlaOption(60.0, Fraction(95, 100), "95% within 60s")),
        ("99.9 %  within  1m30s", SlaOption(90.0, Fraction(999, 1000), "99.9 % within 1m30s")),
        ("100% within 1s", SlaOption(1.0, Fraction(1), "100% within 1s")),
    ],
)
def test_an_sla_is_a_duration_or_a_target(text: str, read: SlaOption) -> None:
    assert _read(sla=text)["sla"] == read


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"sla": "95%"}, "'95%' is no promise; write it as 60s or '95% within 60s'"),
        ({"sla": "within 60s"}, "is no promise"),
        ({"sla": "95 within 60s"}, "is no promise"),
        ({"sla": "0% within 60s"}, "0% is impossible; write more than 0% and at most 100%"),
        ({"sla": "101% within 60s"}, "101% is impossible"),
        ({"sla": "95% within soon"}, "'soon' is not a duration"),
        ({"sla": "95% within 0s"}, "more than 0s"),
        ({"sla": "soon"}, "is not a duration"),
        ({"groups": "order-*"}, "must be a mapping, not text"),
        ({"groups": ["order-*"]}, "must be a mapping, not a list"),
        ({"groups": {"orders": {}}}, "must be text, not a mapping"),
        ({"groups": {"orders": []}}, "must have a pattern, as in order-*"),
        ({"groups": {"orders": ""}}, "must not be empty"),
        ({"groups": {"other files": "x"}}, "is the group of all files in no group"),
        ({"zone": "Europe/Berln"}, "unknown time zone 'Europe/Berln'"),
        ({"thresholds": ["p95 < 2s"]}, "a figure is missing before p95; write it as 'transit p95"),
        ({"thresholds": "fialed < 1%"}, "unknown figure 'fialed'; did you mean 'failed'?"),
        ({"thresholds": "speed < 1"}, "unknown figure 'speed'; there are transfers, passed"),
        ({"thresholds": "pass_rate >= 0.99"}, "with a percentage, as in 'pass_rate >= 99%'"),
        ({"thresholds": "pass_rate >= 101%"}, "the most is 100%"),
        ({"thresholds": "transit < 5s"}, "say which transit is meant, as in 'transit p95 < 2s'"),
        ({"thresholds": "transit p95 < 5%"}, "cannot be compared with a percentage"),
        ({"thresholds": "decided > 5"}, "unknown figure 'decided'"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_key(data: Mapping[str, Any], words: str) -> None:
    with pytest.raises(vol.MultipleInvalid) as caught:
        _read(**data)
    assert words in str(caught.value)
    assert caught.value.errors[0].path[0] == next(iter(data))


def test_a_group_has_one_pattern_or_several() -> None:
    groups = _read(groups={"orders": "order-*", "invoices": ["*.inv", "invoice-*"]})["groups"]
    assert groups == {"orders": ("order-*",), "invoices": ("*.inv", "invoice-*")}


def test_a_zone_is_read_with_its_name_and_the_default_is_the_host_s() -> None:
    assert _read(zone="UTC")["zone"] == (timezone.utc, "UTC")
    assert _read(zone="Europe/Berlin")["zone"][1] == "Europe/Berlin"
    assert _read()["zone"] == _read(zone="local")["zone"]
