"""The outages in the summary on the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from ... import units
from ...clock import SECOND
from ...text import zoned
from ...writing.rows import COLUMN, LABEL, heading, leader, row
from ..stats.outages import Outage
from ..stats.snapshot import RunSnapshot

_DAY = 86_400


def outage_block(run: RunSnapshot, most: int) -> Iterator[Text]:
    """Yield the longest outages of a run, at most so many; nothing if there were none."""
    listed, unlisted = run.outages.longest(most)
    if not listed:
        return
    count = len(listed) + unlisted
    still = sum(outage.end is None for outage in run.outages.listed)
    yield from heading("outages", f"{count}, {still} not recovered (✗)" if still else str(count))
    zone = run.plan.zone[0]
    form = "%H:%M:%S" if run.seconds < _DAY else "%m-%d %H:%M"
    wide = 4 + LABEL + len(zoned(run.started, form, zone)) + 1
    yield Text(f"{'from':>{wide}}{'lasted':>{COLUMN}}{'failed':>{COLUMN}}", "dim")
    for outage in listed:
        yield _outage(outage, zoned(run.utc(outage.start), form, zone))
    if unlisted:
        yield row("and", str(unlisted), "that were shorter")


def _outage(outage: Outage, start: str) -> Text:
    lasted = units.show_duration(outage.length / SECOND)
    kinds = ", ".join(f"{kind} {count}" for kind, count in outage.kinds.items())
    if len(outage.kinds) == 1:
        kinds = next(iter(outage.kinds))
    line = leader(outage.job).append(f" {start}{lasted:>{COLUMN}}", "cyan")
    line.append(f"{outage.failed:>{COLUMN}}  ", "red")
    if outage.end is None:
        line.append("✗ ", "bold red")
    return line.append(kinds, "dim")
