"""The keys of the `track:` section, each with its reader, default and description."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NamedTuple, Optional

import voluptuous as vol

from .. import units
from ..config import values
from ..config.schema import key
from ..verdicts import thresholds
from ..zones import LOCAL
from .figures import OTHERS
from .plan import TrackPlan
from .side import side_section
from .vocabulary import VOCABULARY

_TARGET = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*%\s+within\s+(.*)")


class SlaOption(NamedTuple):
    """A promise as it was written: `60s` or `95% within 60s`."""

    limit: float  # seconds
    target: Optional[Fraction] = None
    text: str = ""


def sla_option(value: Any) -> SlaOption:
    """Read a transit time that was promised, or the least share that must be within it."""
    text = values.text(value).strip()
    match = _TARGET.fullmatch(text)
    if not match:
        if "%" in text or "within" in text:
            raise vol.Invalid(f"{text!r} is no promise; write it as 60s or '95% within 60s'")
        return SlaOption(values.some_duration(value))
    target = Fraction(match[1]) / 100
    if not 0 < target <= 1:
        raise vol.Invalid(f"{match[1]}% is impossible; write more than 0% and at most 100%")
    return SlaOption(values.some_duration(match[2]), target, " ".join(text.split()))


def groups_option(value: Any) -> Mapping[str, tuple[str, ...]]:
    """Read names of groups, each with a pattern for file names or a list of them."""
    groups: Mapping[str, tuple[str, ...]] = values.mapping_of(_patterns)(value)
    if OTHERS in groups:
        raise vol.Invalid(f"{OTHERS!r} is the group of all files in no group; use another name")
    return groups


def _patterns(value: Any) -> tuple[str, ...]:
    found = values.patterns(value)
    if not found:
        raise vol.Invalid("must have a pattern, as in order-*")
    return found


def _threshold(value: Any) -> thresholds.Threshold:
    try:
        return thresholds.parse(values.text(value), VOCABULARY)
    except ValueError as error:
        raise vol.Invalid(str(error)) from None


def _period_edge(value: Any) -> str:
    text = values.filled(value)
    try:
        units.moment(text, datetime(2000, 1, 1, tzinfo=timezone.utc))
    except ValueError as error:
        raise vol.Invalid(str(error)) from None
    return text


TRACK_KEYS: Mapping[Any, Any] = MappingProxyType(
    {
        key("ingress", "the database at ingress: a mapping, or mysql://user@host/database"): (
            side_section
        ),
        key("egress", "the database at egress: a mapping, or mysql://user@host/database"): (
            side_section
        ),
        key("from", "start of the period: ISO 8601, today, yesterday or -2h"): _period_edge,
        # Without a default, because the period of --sent alone has no `to`.
        key(
            "to", "end of the period, exclusive, now if not given; in the future: poll until then"
        ): _period_edge,
        key(
            "poll", "time between two polls, at least ten times what one takes", "10s"
        ): values.some_duration,
        key("grace", "time that a row may be without a partner", "5m"): values.duration,
        key("sla", "transit time that was promised, or the least share within it"): sla_option,
        key("thresholds", "limits, as in pass_rate >= 99% or transit p95 < 60s"): (
            values.list_of(_threshold)
        ),
        key("groups", "names of groups, each with a pattern for file names, or a list of them"): (
            groups_option
        ),
        key("once", "poll once, whatever is still open", "false"): values.boolean,
        key("title", "title of the report", TrackPlan.title): values.filled,
        key("output", "the HTML report"): values.output_path,
        key("csv", "every transfer as CSV"): values.output_path,
        key("summary", "the figures as JSON"): values.output_path,
        key("junit", "the thresholds as JUnit XML"): values.output_path,
        key("baseline", "the summary of an earlier run, to compare with"): values.input_path,
        key("zone", "zone of times for people: a name, local (the host's) or UTC", LOCAL): (
            values.zone
        ),
        key("logo", "an image file for the report's head"): values.input_path,
        key("ledger", "keep the paired rows in this SQLite file"): values.output_path,
        key(
            "sent", "results files of fthg, to reconcile with; without `from` the only transfers"
        ): (values.list_of(values.input_path)),
        key("match", "key that joins a sent file and a row: uuid or filename", "uuid"): (
            values.one_of("uuid", "filename")
        ),
    }
)
"""All of them, in the order of the manual."""
