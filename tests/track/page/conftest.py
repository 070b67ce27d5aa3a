from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import need
from tests.servers.chromium import Chromium, Tab

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fthg-tests"


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
    """Return the script of axe-core, from npm once and then from a cache."""
    script = CACHE / "axe.min.js"
    if not script.exists():
        _fetch_axe(script)
    return script.read_text("utf-8")


def _fetch_axe(script: Path) -> None:
    npm = need("npm")
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(
            [npm, "pack", "axe-core@4", "--silent", "--pack-destination", folder],
            capture_output=True,
            timeout=90,
            check=False,
        )
        if found.returncode:
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
                f"npm could not fetch axe-core: {found.stderr.decode()[-300:]}"
            )
        archive = next(Path(folder).glob("*.tgz")).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        source = files.extractfile("package/axe.min.js")
        assert source
        script.parent.mkdir(parents=True, exist_ok=True)
        with open(f"{script}.{os.getpid()}", "wb") as target:
            shutil.copyfileobj(source, target)
        os.replace(target.name, script)
