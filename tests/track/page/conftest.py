from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import need
from tests.servers.chromium import Chromium, Tab
from tests.servers.published import published


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Start one browser for all tests."""
    browser = Chromium(need("chromium"))
    yield browser
    browser.close()


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Tab]:
    """Open a new tab; fail the test if its page has errors or uses the network."""
    tab = chromium.tab()
    yield tab
    tab.run("0")  # the last events of the page are received before it is checked
    tab.close()
    assert tab.complaints == []
    assert [url for url in tab.requests if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a test writes its report."""
    return tmp_path / "report.html"


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the script of axe-core, from npm."""
    npm = [need("npm"), "pack", "axe-core@4", "--silent"]
    script = published(
        "axe.min.js", "package/axe.min.js", lambda folder: [*npm, "--pack-destination", folder]
    )
    return script.read_text("utf-8")
