"""The browser and axe-core of the tests of the tracking report."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import need
from tests.servers.chromium import Chromium
from tests.track.page.conftest import axe, path, tab

__all__ = ["axe", "path", "tab"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Start a browser that is gone before the tests of workers, which count child processes."""
    browser = Chromium(need("chromium"))
    yield browser
    browser.close()
