"""The goals of fthg's speed, as ratios within one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .rounds import Rounds

NEWEST, EL9 = "fthg", "fthg on RHEL 9's releases"

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
    return [*_ratios(rounds), *_memory(rounds), *_late(rounds), *_alone(rounds)]


_RATIOS = (
    # work, peer, its work, factor of the newest set, factor of RHEL 9's set
    ("HTTP 1 KiB", "k6", "HTTP 1 KiB", 2.0, 1.3),
    ("HTTP 1 KiB", "Locust HttpUser", "HTTP 1 KiB", 10.0, None),
    ("HTTP 1 KiB", "Locust FastHttpUser", "HTTP 1 KiB", 2.0, None),
    ("HTTP 64 KiB", "k6", "HTTP 64 KiB", 1.3, 1.0),
    ("HTTP 1 MiB", "k6", "HTTP 1 MiB", 1.3, 1.0),
    ("HTTPS 1 KiB", "k6", "HTTPS 1 KiB", 1.2, 0.8),
    ("SFTP 1 KiB", "sftp -b", "SFTP 1 KiB", 8.0, 6.0),
    ("SFTP 1 KiB atomic", "sftp -b", "SFTP 1 KiB", 4.0, 3.0),
    ("SFTP 100 MiB", "sftp -b", "SFTP 100 MiB", 1.0, 0.4),
)


def _ratios(rounds: Rounds) -> Iterator[GoalResult]:
    for work, peer, same, *factors in _RATIOS:
        baseline = rounds.middle(same, peer)
        for who, factor in zip((NEWEST, EL9), factors):
            ours = rounds.middle(work, who)
            if ours is None or factor is None:
                continue
            goal = f"≥ {factor:g} × {peer}"
            if baseline is None:
                if peer in rounds.taken.get(same, {}):
                    yield GoalResult(work, goal, who, f"{peer} sent nothing in 15 s", True)
                continue
            ratio = ours.rate / baseline.rate
            # Truncated: a goal that is missed must not be shown as reached.
            found = f"{int(100 * ratio) / 100:.2f} ×"
            yield GoalResult(work, goal, who, found, ratio >= factor)


def _memory(rounds: Rounds) -> Iterator[GoalResult]:
    for who in (NEWEST, EL9):
        ours = rounds.middle("HTTP 1 MiB", who)
        if ours:
            found = f"{ours.peak / _MB:.0f} MB"
            yield GoalResult(
                "HTTP 1 MiB", "peak memory ≤ 120 MB", who, found, ours.peak <= 120 * _MB
            )


def _late(rounds: Rounds) -> Iterator[GoalResult]:
    for rate in sorted(rounds.late):
        work, theirs = f"open model, {rate}/s", rounds.middle_late(rate, "k6")
        for who, most in ((NEWEST, 0.2), (EL9, 0.3)):
            ours = rounds.middle_late(rate, who)
            if ours is None:
                continue
            yield GoalResult(work, f"p50 ≤ {most} ms", who, f"{ours.p50:.2f} ms", ours.p50 <= most)
            yield GoalResult(work, "none dropped", who, str(ours.dropped), not ours.dropped)
            if theirs and who == NEWEST:
                found = f"{ours.p99:.2f} ms, k6 {theirs.p99:.2f} ms"
                yield GoalResult(work, "p99 ≤ k6's", who, found, ours.p99 <= theirs.p99)


def _alone(rounds: Rounds) -> Iterator[GoalResult]:
    for who, own in rounds.figures.items():
        most = 0.15 if who == NEWEST else 0.2
        for option, seconds in (("--version", own.version), ("--help", own.help)):
            yield GoalResult(
                f"fthg {option}", f"≤ {most} s", who, f"{seconds:.2f} s", seconds <= most
            )
        work = f"figures of {own.results // 1_000_000} million results"
        found = f"+ {max(0.0, own.growth) / _MB:.1f} MB"
        yield GoalResult(work, "≤ + 5 MB", who, found, own.growth <= 5 * _MB)
