"""The browser and axe-core of the tests of the tracking report."""

from tests.track.page.conftest import axe, chromium, path, tab

__all__ = ["axe", "chromium", "path", "tab"]
