from __future__ import annotations

from bench.goals import EL9, NEWEST, check_goals
from bench.lateness import Late
from bench.measure import Taken
from bench.own import Own
from bench.report import format_results
from bench.rounds import Rounds

WORK = "HTTP 1 KiB"


def taken(rate: float, peak: float = 50e6) -> Taken:
    return Taken(rate, 50e-6, peak, 0.2)


def rounds(**rates: float) -> Rounds:
    """Return one round of each tool, by its short name."""
    names = {"fthg": NEWEST, "el9": EL9, "k6": "k6"}
    made = Rounds(1)
    for tool, rate in rates.items():
        made.add(WORK, names[tool], taken(rate))
    return made


def test_a_goal_is_reached_from_its_factor_on() -> None:
    found = {one.who: one for one in check_goals(rounds(fthg=199.0, el9=130.0, k6=100.0))}
    assert not found[NEWEST].ok
    assert found[NEWEST].found == "1.99 ×"
    assert found[EL9].ok


def test_the_middle_of_the_rounds_counts_and_rounds_without_result_do_not() -> None:
    made = Rounds(4)
    for rate in (100.0, 900.0, 110.0):
        made.add(WORK, NEWEST, taken(rate))
    made.add(WORK, NEWEST, None)
    middle = made.middle(WORK, NEWEST)
    assert middle is not None
    assert middle.rate == 110.0
    assert made.spread(WORK, NEWEST) == (100.0, 900.0)


def test_a_peer_that_sends_nothing_is_reported_and_a_missing_one_is_left_out() -> None:
    silent = rounds(fthg=100.0)
    assert check_goals(silent) == []
    silent.add(WORK, "k6", None)
    (only,) = check_goals(silent)
    assert only.found == "k6 sent nothing in 15 s"


def test_memory_lateness_and_goals_without_peers_are_checked() -> None:
    made = Rounds(1)
    made.add("HTTP 1 MiB", NEWEST, taken(10.0, peak=121e6))
    made.add_late(1000, NEWEST, Late(0.1, 0.5, 3.0, 1))
    made.add_late(1000, "k6", Late(0.5, 2.0, 9.0, 0))
    made.figures[NEWEST] = Own(0.1, 0.2, 4e6, 10_000_000)
    assert [(one.goal, one.ok) for one in check_goals(made)] == [
        ("peak memory ≤ 120 MB", False),
        ("p50 ≤ 0.2 ms", True),
        ("none dropped", False),
        ("p99 ≤ k6's", True),
        ("≤ 0.15 s", True),
        ("≤ 0.15 s", False),
        ("≤ + 5 MB", True),
    ]


def test_the_page_has_a_row_for_every_tool_and_says_when_the_machine_was_not_quiet() -> None:
    made = rounds(fthg=14_000.0, k6=7_000.0)
    text = format_results(made, check_goals(made), ["Locust"], busy=0.4)
    assert "**The machine was not quiet**: others used 40% of it" in text
    assert "Missing here: Locust." in text
    assert any(line.startswith("| k6 ") and "| 2.00 " in line for line in text.splitlines())
    assert "not quiet" not in format_results(made, check_goals(made), [], busy=0.01)
