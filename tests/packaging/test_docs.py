from __future__ import annotations

import re

import pytest

from fthg.load.stats.metrics import VOCABULARY
from fthg.verdicts import thresholds
from tests.packaging.places import TREE


def test_the_promises_of_the_guide_are_thresholds() -> None:
    text = (TREE / "docs" / "load-models.md").read_text().partition("    thresholds:\n")[2]
    promises = re.findall(r"^      - (.*?)(?:\s+#.*)?$", text, re.MULTILINE)
    assert len(promises) == 5
    for promise in promises:
        thresholds.parse(promise, VOCABULARY)


PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "docs/reliability.md"]
MORE_PAGES = ["docs/load-models.md", "docs/servers.md", "docs/metrics.md"]


@pytest.mark.parametrize(
    "page",
    [
        *PAGES,
        *sorted(f"docs/{path.name}" for path in (TREE / "docs").glob("*.md")),
    ],
)
def test_a_page_leads_only_to_what_is_there(page: str) -> None:
    text = (TREE / page).read_text()
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((TREE / page).parent / link).exists(), link
    for named in re.findall(r"`(tests/[\w./]+)`", text):
        assert next(TREE.glob(named.replace("NAME", "*").rstrip("/")), None), named


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/reliability.md"])
def test_every_promise_names_what_proves_it(page: str) -> None:
    text = (TREE / page).read_text()
    rows = [line for line in text.splitlines() if line.startswith("| **")]
    promises = [*rows, *(part for part in text.split("\n\n") if part.startswith("**"))]
    assert len(promises) > 5
    for promise in promises:
        assert "tests/" in promise or "fault bench" in promise or "in the bench" in promise, promise
    assert page in (TREE / "README.md").read_text()
