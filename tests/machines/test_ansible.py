from __future__ import annotations

from collections import Counter
from pathlib import Path

from .playbook import INVENTORY, PLAYBOOK, Playing, begin


def test_hosts_send_one_run_and_one_that_cannot_be_reached_keeps_no_other_from_the_merge(
    playing: Playing,
) -> None:
    said, runs = playing.end(), playing.runs
    assert "host4: status unknown" in said
    assert "the merge ended with status 99" in said
    assert playing.process.returncode != 0

    assert runs.stored() == Counter(n for n in range(200) if n % 4 != 2), said
    summary = next(runs.directory.glob("*Z/*.json"))
    runs.left = summary.parent
    lines = runs.lines(summary.stem)
    assert Counter(line["slice"] for line in lines) == {f"{k}/4": 50 for k in (0, 1, 3)}
    assert max(runs.errors_of_gaps(summary.stem)) < 0.0001
    total = runs.total(summary.stem)
    assert (total["ok"], total["missing"]) == (150, 50)


def test_the_example_has_the_syntax_of_ansible(tmp_path: Path) -> None:
    process = begin("--syntax-check", "-i", str(INVENTORY), str(PLAYBOOK), cwd=tmp_path)
    said = process.communicate(timeout=100)[0]
    assert process.returncode == 0, said
