"""Checks as JUnit XML, which build servers show as tests (pure)."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from ..text import escape
from .thresholds import Verdict, show

_NO_XML = str.maketrans({0xFFFE: r"\ufffe", 0xFFFF: r"\uffff"})


class Case(NamedTuple):
    """One check, with the value that was found, also if it passed."""

    group: str  # such as the name of a job
    name: str
    found: str
    ok: bool


def cases_of(group: str, verdicts: Iterable[Verdict]) -> Sequence[Case]:
    """Return a case for each threshold."""
    return [Case(group, one.threshold.text, f"found {show(one)}", one.ok) for one in verdicts]


def junit(suite: str, cases: Sequence[Case], seconds: Optional[float] = None) -> str:
    """Return the document; any text may come in, and what XML cannot hold is escaped."""
    failures = sum(not case.ok for case in cases)
    time = "" if seconds is None else f' time="{seconds:.3f}"'
    counts = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"{time}'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<testsuites>",
            f'  <testsuite name="{_attribute(suite)}" {counts}>',
            *map(_case, cases),
            "  </testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _case(case: Case) -> str:
    start = f'    <testcase classname="{_attribute(case.group)}" name="{_attribute(case.name)}">'
    found = _attribute(case.found)
    result = (
        f"<system-out>{found}</system-out>" if case.ok else f'<failure message="{found}"></failure>'
    )
    return f"{start}{result}</testcase>"


def _attribute(text: str) -> str:
    return html.escape(escape(text).translate(_NO_XML))
