"""The actions of a reader of a report in a browser."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fthg.track.figures import Figures
from fthg.track.report import write_report
from fthg.track.tracked import Tracked
from tests.servers.chromium import Tab
from tests.track.page import examples

READY = "document.documentElement.classList.contains('ready')"


def show(tab: Tab, path: Path, some: Sequence[Tracked], **changes: Any) -> None:
    """Open the report of some transfers."""
    show_figures(tab, path, some, examples.figures(some, **changes))


def show_figures(tab: Tab, path: Path, some: Sequence[Tracked], figures: Figures) -> None:
    """Open the report of some figures."""
    write_report(figures, some, path)
    tab.open(path)
    tab.until(lambda: tab.run(READY) or not figures.counts.transfers)


def column(tab: Tab, key: str) -> list[str]:
    """Return the visible texts of one column."""
    found: list[str] = tab.run(
        "(() => { const heads = [...document.querySelectorAll('#all th')];"
        f"const index = heads.findIndex((head) => head.dataset.key === '{key}');"
        "return [...document.querySelectorAll('#all tbody tr')]"
        ".map((row) => row.cells[index].textContent.trim()) })()"
    )
    return found


def status(tab: Tab) -> str:
    """Return what the table says about its rows."""
    text: str = tab.run("document.getElementById('status').textContent")
    return text


def click(tab: Tab, selector: str) -> None:
    """Click the first element that a selector finds."""
    tab.run(f"document.querySelector({json.dumps(selector)}).click()")


def fill(tab: Tab, field: str, value: str) -> None:
    """Set a filter and wait until the table has followed."""
    before = status(tab)
    tab.run(
        f"(() => {{ const field = document.getElementById('{field}');"
        f"field.value = {json.dumps(value)};"
        "field.dispatchEvent(new Event('input', { bubbles: true })) })()"
    )
    tab.until(lambda: status(tab) != before)


def exported(tab: Tab, folder: Path) -> str:
    """Return the CSV that the button saves."""
    tab.downloads(folder)
    click(tab, "#export")
    file = folder / "transfers.csv"
    tab.until(lambda: file.exists() and file.stat().st_size)
    return file.read_bytes().decode()
