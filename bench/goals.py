"""The goals of fthg's speed: ratios within one run, and limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from .rounds import Rounds

NEWEST, EL9 = "fthg", "fthg on RHEL 9's releases"
VERBOSE = " -v"
"""Ends the name of a set that logs each transfer to a file."""

_MB = 1e6


class GoalResult(NamedTuple):
    """One goal of one dependency set, and the measured value."""

    work: str
    goal: str
    who: str
    found: str
    ok: bool


def check_goals(rounds: Rounds) -> list[GoalResult]:
    """Return the result of every goal whose work was measured."""
    return [*_ratios(rounds), *_memory(rounds), *_late(rounds), *_limits(rounds)]


_RATIOS = (
    # work, peer, its work, factor of the newest set, factor of RHEL 9's set
    ("HTTP 1 KiB", "k6", "HTTP 1 KiB", 2.0, 1.5),
    ("HTTP 1 KiB", "Locust HttpUser", "HTTP 1 KiB", 10.0, None),
    ("HTTP 1 KiB", "Locust FastHttpUser", "HTTP 1 KiB", 2.5, None),
    ("HTTP 64 KiB", "k6", "HTTP 64 KiB", 2.0, 1.5),
    ("HTTP 1 MiB", "k6", "HTTP 1 MiB", 1.5, 1.5),
    ("HTTPS 1 KiB", "k6", "HTTPS 1 KiB", 2.0, 1.5),
    ("SFTP 1 KiB", "sftp -b", "SFTP 1 KiB", 8.0, 6.0),
    ("SFTP 1 KiB atomic", "sftp -b", "SFTP 1 KiB", 4.0, 3.0),
    ("SFTP 100 MiB", "sftp -b", "SFTP 100 MiB", 1.1, 0.5),
)


def _ratios(rounds: Rounds) -> Iterator[GoalResult]:
    for work, peer, same, *factors in _RATIOS:
        for who, factor in zip((NEWEST, EL9), factors):
            if factor is None or rounds.middle(work, who) is None:
                continue
            goal, ratio = f"≥ {factor:g} × {peer}", rounds.ratio(work, who, peer, same)
            if ratio is not None:
                # Truncated: a goal that is missed must not be shown as reached.
                found = f"{int(100 * ratio) / 100:.2f} ×"
                yield GoalResult(work, goal, who, found, ratio >= factor)
            elif peer in rounds.taken.get(same, {}):
                yield GoalResult(work, goal, who, f"{peer} sent nothing in 15 s", True)


def _memory(rounds: Rounds) -> Iterator[GoalResult]:
    for who in (NEWEST, EL9):
        ours = rounds.middle("HTTP 1 MiB", who)
        if ours:
            yield _at_most("HTTP 1 MiB", "peak memory ", who, ours.peak / _MB, 120, "MB")


_LATE_RATE = 2000
_LATE = ((NEWEST, 0.05, 0.5), (EL9, 0.075, 0.75))  # milliseconds: p50, p99


def _late(rounds: Rounds) -> Iterator[GoalResult]:
    work, theirs = f"open model, {_LATE_RATE}/s", rounds.middle_late(_LATE_RATE, "k6")
    for who, p50, p99 in _LATE:
        for verbose in ("", VERBOSE):
            ours = rounds.middle_late(_LATE_RATE, who + verbose)
            if ours is None:
                continue
            yield _at_most(work, "p50 ", who + verbose, ours.p50, p50, "ms", 3)
            yield _at_most(work, "p99 ", who + verbose, ours.p99, p99, "ms", 3)
            found = f"{ours.dropped:.0f}"
            yield GoalResult(work, "none dropped", who + verbose, found, not ours.dropped)
            if theirs and who == NEWEST:
                found = f"{ours.p99:.2f} ms, k6 {theirs.p99:.2f} ms"
                yield GoalResult(work, "p99 ≤ k6's", who + verbose, found, ours.p99 <= theirs.p99)


class _Limit(NamedTuple):
    figure: str
    unit: str
    newest: float
    el9: float
    digits: int = 1


_LIMITS = (
    _Limit("a transfer in flight", "KB", 12, 14),
    _Limit("tracking 1,000,000 a side", "s", 14, 25),
    _Limit("tracking 1,000,000 a side with CSV", "s", 18, 25),
    _Limit("merging 1,000,000, CPU a line", "µs", 12, 16),
    _Limit("CPU a file with 2 workers ÷ with 1", "", 1.1, 1.1, 2),
    _Limit("CPU a file with 4 workers ÷ with 1", "", 1.1, 1.1, 2),
    _Limit("the parent of 2 workers", "% of a core", 2, 2),
    _Limit("the parent of 4 workers", "% of a core", 2, 2),
    _Limit("fthg --version", "s", 0.15, 0.2, 2),
    _Limit("fthg --help", "s", 0.15, 0.2, 2),
    _Limit("growth by figures of 1 million results", "MB", 5, 5),
    _Limit("growth by figures of 10 million results", "MB", 5, 5),
)


def _limits(rounds: Rounds) -> Iterator[GoalResult]:
    for figure, unit, newest, el9, digits in _LIMITS:
        for who, most in ((NEWEST, newest), (EL9, el9)):
            found = rounds.middle_figure(figure, who)
            if found is not None:
                yield _at_most(figure, "", who, found, most, unit, digits)


def _at_most(
    work: str, what: str, who: str, found: float, most: float, unit: str, digits: int = 0
) -> GoalResult:
    # Rounded up, for the same reason; the inner rounding removes errors of binary fractions.
    shown = math.ceil(round(found * 10**digits, 6)) / 10**digits
    goal = f"{what}≤ {most:g} {unit}".rstrip()
    return GoalResult(work, goal, who, f"{shown:.{digits}f} {unit}".rstrip(), found <= most)
