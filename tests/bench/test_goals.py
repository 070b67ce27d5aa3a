from __future__ import annotations

from bench.goals import EL9, NEWEST, VERBOSE, check_goals
from bench.lateness import Late
from bench.measure import Taken
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
    found = {one.who: one for one in check_goals(rounds(fthg=199.0, el9=150.0, k6=100.0))}
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


def test_the_ratio_is_the_median_of_the_ratios_of_each_round() -> None:
    made = Rounds(3)
    for ours, theirs in ((100.0, 100.0), (300.0, 100.0), (500.0, 250.0)):
        made.add(WORK, NEWEST, taken(ours))
        made.add(WORK, "k6", taken(theirs))
    # The ratio of the medians would be 3.
    assert made.ratio(WORK, NEWEST, "k6") == 2.0


def test_a_round_in_which_one_of_both_sent_nothing_has_no_ratio() -> None:
    made = Rounds(2)
    for ours, theirs in ((taken(100.0), None), (taken(300.0), taken(100.0))):
        made.add(WORK, NEWEST, ours)
        made.add(WORK, "k6", theirs)
    assert made.ratio(WORK, NEWEST, "k6") == 3.0
    assert made.ratio(WORK, EL9, "k6") is None


def test_memory_lateness_and_goals_without_peers_are_checked() -> None:
    made = Rounds(1)
    made.add("HTTP 1 MiB", NEWEST, taken(10.0, peak=121e6))
    made.add_late(2000, NEWEST, Late(0.04, 0.6, 3.0, 1))
    made.add_late(2000, NEWEST + VERBOSE, Late(0.04, 0.5, 3.0, 0))
    made.add_late(2000, "k6", Late(0.5, 2.0, 9.0, 0))
    made.add_figure("fthg --version", NEWEST, 0.1)
    made.add_figure("fthg --help", NEWEST, 0.2)
    made.add_figure("growth by figures of 10 million results", NEWEST, 4.0)
    assert [(one.goal, one.ok) for one in check_goals(made)] == [
        ("peak memory ≤ 120 MB", False),
        ("p50 ≤ 0.05 ms", True),
        ("p99 ≤ 0.5 ms", False),
        ("none dropped", False),
        ("p99 ≤ k6's", True),
        ("p50 ≤ 0.05 ms", True),
        ("p99 ≤ 0.5 ms", True),
        ("none dropped", True),
        ("p99 ≤ k6's", True),
        ("≤ 0.15 s", True),
        ("≤ 0.15 s", False),
        ("≤ 5 MB", True),
    ]


def test_each_set_has_its_own_limit_and_a_missed_one_is_not_shown_as_reached() -> None:
    made = Rounds(1)
    for who in (NEWEST, EL9):
        made.add_figure("a transfer in flight", who, 12.01)
    newest, el9 = check_goals(made)
    assert (newest.goal, newest.found, newest.ok) == ("≤ 12 KB", "12.1 KB", False)
    assert (el9.goal, el9.ok) == ("≤ 14 KB", True)


def test_the_page_has_a_row_for_every_tool_and_says_when_the_machine_was_not_quiet() -> None:
    made = rounds(fthg=14_000.0, k6=7_000.0)
    text = format_results(made, check_goals(made), ["Locust"], busy=0.4)
    assert "**The machine was not quiet**: others used 40% of it" in text
    assert "Missing here: Locust." in text
    assert any(line.startswith("| k6 ") and "| 2.00 " in line for line in text.splitlines())
    assert "not quiet" not in format_results(made, check_goals(made), [], busy=0.01)
