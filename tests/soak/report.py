"""The soak's findings as text for a terminal of 80 columns, and as Markdown (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Optional

from .verdicts import Row, Sum

_MARKS: Mapping[Optional[bool], str] = {True: "✓", False: "✗", None: " "}
_WIDTH = 80
_HEAD = ("", "start", "end", "least", "most", "an hour", "")


class Findings(NamedTuple):
    """The content of the report."""

    title: str  # versions, rate and duration
    since: str  # from when on quantities are checked
    rows: Sequence[Row]
    sums: Sequence[Sum]
    faults: Mapping[str, int]
    errors: Mapping[str, int]
    written: Mapping[str, int]
    examples: Sequence[str]  # of unexplained failures

    @property
    def well(self) -> bool:
        """Return True if no check has failed."""
        verdicts = [row.well for row in self.rows] + [one.well for one in self.sums]
        return False not in verdicts


def as_text(findings: Findings) -> str:
    """Return the findings as blocks of aligned lines."""
    return "\n".join(_text(findings)) + "\n"


def _text(findings: Findings) -> Iterator[str]:
    yield f"  {findings.title}"
    yield ""
    yield f"  from {findings.since} on"
    for cells in (_HEAD, *(_cells(row) for row in findings.rows)):
        name, *values, mark = cells
        yield (f"  {mark or ' '} {name:<18}" + "".join(f"{value:>10}" for value in values)).rstrip()
    yield ""
    for one in findings.sums:
        yield f"  {_MARKS[one.well]} {one.name + ' ':.<40} {one.found}"
    for name, counts in _counts(findings):
        yield ""
        yield f"  {name}"
        for key, count in counts.items():
            yield f"    {key + ' ':.<38} {count:,}"
    for example in findings.examples:
        yield f"  ! {example}"[:_WIDTH]
    yield ""
    yield "  ✓ all checks passed" if findings.well else "  ✗ some checks failed"


def as_markdown(findings: Findings) -> str:
    """Return the findings as tables."""
    return "\n".join(_markdown(findings)) + "\n"


def _markdown(findings: Findings) -> Iterator[str]:
    yield f"{findings.title}."
    yield ""
    yield f"| from {findings.since} on | start | end | least | most | an hour | |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
    for row in findings.rows:
        yield "| " + " | ".join(_cells(row)) + " |"
    yield ""
    yield "| sums that must add up | found | |"
    yield "| --- | ---: | --- |"
    for one in findings.sums:
        yield f"| {one.name} | {one.found} | {_MARKS[one.well].strip()} |"
    for name, counts in _counts(findings):
        yield ""
        entries = ", ".join(f"{key} {count:,}" for key, count in counts.items())
        yield f"{name.capitalize()}: {entries}."


def _cells(row: Row) -> Sequence[str]:
    return (*row[:-1], _MARKS[row.well])


def _counts(findings: Findings) -> Iterator[tuple[str, Mapping[str, int]]]:
    for name, counts in (
        ("faults", findings.faults),
        ("kinds of failures", findings.errors),
        ("bytes written", findings.written),
    ):
        if counts:
            yield name, counts
