from __future__ import annotations

import re

from fthg.load import thresholds
from tests.packaging.places import TREE


def test_the_promises_of_the_guide_are_thresholds() -> None:
    text = (TREE / "docs" / "load-models.md").read_text().partition("    thresholds:\n")[2]
    promises = re.findall(r"^      - (.*?)(?:\s+#.*)?$", text, re.MULTILINE)
    assert len(promises) == 5
    for promise in promises:
        thresholds.parse(promise)
